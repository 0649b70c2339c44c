"""What can be wrong with the store, each with its sentence for whoever runs the bot.

StoreError
 +- DatabaseUnknown      the address names no database that we can use
 +- DatabaseMissing      it was here, and is gone
 +- DatabaseDamaged      SQLite finds its structure broken
 +- DatabaseForeign      it belongs to another program
 +- DatabaseNewer        a newer program wrote it
 +- DatabaseExposed      others on this machine could read it
 +- DatabaseOnNetwork    its file system is on a network, where locks do not hold
 +- SettingRefused       SQLite does not do what we rely on
 +- WrongKey             it was sealed with another secret
 +- StoreAway            not now: no room, locked, not writable; nothing was written, trying again makes sense
"""

from __future__ import annotations


class StoreError(Exception):
    """The sentence is in Polish, for the person at the terminal; it never holds what people wrote."""

    sentence = "Z bazą danych jest coś nie tak: {where}"

    def __init__(self, where: object, **more: object) -> None:
        super().__init__(self.sentence.format(where=where, **more))


class DatabaseUnknown(StoreError):
    sentence = "KLASTER_DATABASE wskazuje bazę, której program nie obsługuje: {where}. Podaj sqlite:///ścieżka/do/pliku.db"


class DatabaseMissing(StoreError):
    sentence = (
        "Brakuje bazy danych {where}, a była tu wcześniej. Przywróć kopię: klaster restore PLIK. "
        "Jeśli naprawdę chcesz zacząć od pustej, usuń najpierw plik {known}"
    )


class DatabaseDamaged(StoreError):
    sentence = (
        "Plik bazy danych {where} jest uszkodzony. Program niczego w nim nie zmienił. "
        "Przywróć kopię: klaster restore PLIK"
    )


class DatabaseForeign(StoreError):
    sentence = "Plik {where} jest bazą danych innego programu. Ustaw inne miejsce w KLASTER_DATA"


class DatabaseNewer(StoreError):
    sentence = (
        "Bazę danych {where} zapisała nowsza wersja programu (układ {found}, ten program zna {known}). "
        "Zainstaluj nowszą wersję albo przywróć starszą kopię: klaster restore PLIK"
    )


class DatabaseExposed(StoreError):
    sentence = "Inni użytkownicy tego komputera mają dostęp do {where}. Odbierz im go: chmod {mode} {where}"


class DatabaseOnNetwork(StoreError):
    sentence = (
        "{where} leży na dysku sieciowym ({kind}), a tam baza SQLite może się uszkodzić. "
        "Ustaw w KLASTER_DATA folder na dysku tego komputera"
    )


class SettingRefused(StoreError):
    sentence = (
        "SQLite nie przyjął ustawienia {setting} (jest {found}) dla bazy {where}. Zainstaluj nowszy SQLite"
    )


class WrongKey(StoreError):
    sentence = (
        "KLASTER_SECRET nie pasuje do bazy danych {where}: zapisano ją z innym kluczem. "
        "Ustaw tamten klucz; bez niego rozmów i adresów nie da się odczytać"
    )


class StoreAway(StoreError):
    sentence = (
        "Baza danych {where} jest teraz niedostępna ({kind}). Niczego nie zapisano. "
        "Sprawdź, czy na dysku jest miejsce i czy program może tam pisać"
    )
