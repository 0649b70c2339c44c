"""The web chat: pages made on the server, working without JavaScript."""
