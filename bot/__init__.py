"""The thinking part of Klaster: values and plain functions. It never imports `adapters`."""
