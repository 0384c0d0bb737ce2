import type { ToldCatalogue } from '../tell.ts';

const bug = 'Melden Sie es mit der Trace-Nummer; Einzelheiten stehen im Protokoll.';
const waits = 'Nichts zu tun: Es wird von selbst erneut versucht.';

export const de: ToldCatalogue = {
  'frame-malformed': ['Nachricht nicht verstanden', 'Ein Gerät hat eine unlesbare Nachricht gesendet.', bug],
  'frame-too-large': [
    'Nachricht zu groß',
    'Eine Nachricht war größer als erlaubt und wurde nicht gelesen.',
    bug,
  ],
  'frame-unsupported': [
    'Unbekannte Art von Nachricht',
    'Eine Nachricht, deren Art diese Version nicht kennt, wurde übersprungen.',
    'Aktualisieren Sie die ältere der beiden Seiten.',
  ],
  'frame-binary': ['Binäre Nachricht abgelehnt', 'Statt Text kam eine binäre Nachricht an.', bug],
  'frame-out-of-turn': [
    'Nachricht zur Unzeit',
    'Eine Nachricht kam, bevor oder nachdem sie erlaubt war.',
    'Das Gerät verbindet sich von selbst neu. Kommt es wieder vor, melden Sie es mit der Trace-Nummer.',
  ],
  'frame-too-many-bad': [
    'Zu viele unlesbare Nachrichten',
    'Die Verbindung wurde beendet, weil zu viele Nachrichten unlesbar waren.',
    'Aktualisieren Sie den Agenten. Kommt es wieder vor, melden Sie es mit der Trace-Nummer.',
  ],
  'finding-invalid': [
    'Prüfergebnis abgelehnt',
    'Ein Ergebnis passt nicht zu seiner Prüfung und wurde nicht gespeichert. Die übrigen schon.',
    bug,
  ],
  'sequence-gap': [
    'Nachrichten fehlen',
    'Einige Nachrichten des Geräts sind nicht angekommen.',
    'Nichts zu tun: Das Gerät sendet sie erneut.',
  ],
  'too-fast': [
    'Zu viele Anfragen',
    'Es kam mehr auf einmal, als erlaubt ist.',
    'Warten Sie ein paar Sekunden und versuchen Sie es erneut.',
  ],
  'version-unsupported': [
    'Versionen passen nicht zusammen',
    'Die beiden Seiten sprechen keine gemeinsame Version.',
    'Aktualisieren Sie die ältere Seite; laden Sie diese Seite neu, wenn sie lange offen war.',
  ],
  'greeting-timeout': [
    'Begrüßung dauerte zu lange',
    'Das Gerät hat sich nicht rechtzeitig vorgestellt.',
    waits,
  ],
  'signature-wrong': [
    'Gerät konnte sich nicht ausweisen',
    'Die Signatur passt nicht zum Schlüssel des Geräts.',
    'Melden Sie das Gerät neu an, wenn es aus einer Kopie wiederhergestellt wurde.',
  ],
  'device-unknown': [
    'Gerät nicht angemeldet',
    'Dieser Collector kennt das Gerät nicht.',
    'Melden Sie es mit einem Token an oder lassen Sie es auf der Seite „Enrolment“ zu.',
  ],
  'device-revoked': [
    'Gerät gesperrt',
    'Jemand hat diesem Gerät den Zugang entzogen.',
    'War das ein Versehen, stellen Sie es auf seiner Seite wieder her.',
  ],
  'device-duplicated': [
    'Schlüssel doppelt benutzt',
    'Zwei Rechner verbinden sich mit demselben Schlüssel. Einer ist wohl eine Kopie des anderen.',
    'Melden Sie einen der beiden neu an, damit jeder seinen eigenen Schlüssel hat.',
  ],
  'device-superseded': [
    'Durch neuere Verbindung ersetzt',
    'Dasselbe Gerät hat sich erneut verbunden.',
    waits,
  ],
  'token-unknown': [
    'Token unbekannt',
    'Dieses Token stammt nicht von diesem Collector.',
    'Prüfen Sie es auf Tippfehler oder erstellen Sie ein neues.',
  ],
  'token-expired': [
    'Token abgelaufen',
    'Die Zeit des Tokens ist um.',
    'Erstellen Sie ein neues auf der Seite „Enrolment“.',
  ],
  'token-used-up': [
    'Token aufgebraucht',
    'Das Token hat so viele Geräte zugelassen, wie es darf.',
    'Erstellen Sie ein neues auf der Seite „Enrolment“.',
  ],
  'token-revoked': [
    'Token widerrufen',
    'Jemand hat das Token widerrufen.',
    'Erstellen Sie ein neues auf der Seite „Enrolment“.',
  ],
  'admission-waiting': [
    'Wartet auf Zulassung',
    'Das Gerät hat um Zulassung gebeten.',
    'Vergleichen Sie den Fingerabdruck und lassen Sie es auf der Seite „Enrolment“ zu.',
  ],
  'admission-rejected': [
    'Zulassung abgelehnt',
    'Jemand hat dieses Gerät abgelehnt.',
    'War das ein Versehen, lassen Sie das Gerät erneut fragen und dann zu.',
  ],
  'collector-changed': [
    'Anderer Collector',
    'Das Gerät gehört zu einem anderen Collector und wechselt nicht von selbst.',
    'Prüfen Sie die Adresse des Collectors oder melden Sie das Gerät hier neu an.',
  ],
  'collector-busy': [
    'Collector ist ausgelastet',
    'Es verbinden sich mehr Geräte, als auf einmal begrüßt werden können.',
    waits,
  ],
  'collector-stopping': ['Collector startet neu', 'Der Collector fährt herunter.', waits],
  'store-unavailable': [
    'Speicher nicht verfügbar',
    'Der Collector kann seine Daten nicht lesen oder schreiben; nichts wurde geändert.',
    'Versuchen Sie es in einer Minute erneut. Bleibt es so, prüfen Sie Datenträger oder Datenbank des Collectors.',
  ],
  'request-invalid': [
    'Im Formular stimmt etwas nicht',
    'Die Anfrage passt nicht zu dem, was hier erlaubt ist.',
    'Prüfen Sie die markierten Felder und senden Sie erneut.',
  ],
  'not-found': [
    'Nicht gefunden',
    'Unter dieser Adresse gibt es nichts (mehr).',
    'Gehen Sie zurück zur Liste und wählen Sie dort.',
  ],
  'method-not-allowed': [
    'Hier nicht möglich',
    'Diese Adresse tut nicht, was verlangt wurde.',
    'Laden Sie die Seite neu und versuchen Sie es erneut.',
  ],
  'body-too-large': [
    'Zu viel auf einmal',
    'Die Anfrage ist größer als erlaubt.',
    'Senden Sie weniger auf einmal.',
  ],
  'signed-out': [
    'Sie sind abgemeldet',
    'Die Sitzung ist beendet oder bestand nie.',
    'Melden Sie sich an, um weiterzumachen.',
  ],
  'sign-in-wrong': [
    'Das passte nicht',
    'Benutzername oder Passwort stimmt nicht.',
    'Versuchen Sie es erneut oder lassen Sie sich ein neues Passwort geben.',
  ],
  'sign-in-locked': [
    'Zu viele Versuche',
    'Die Anmeldung ist nach zu vielen falschen Passwörtern eine Weile gesperrt.',
    'Warten Sie ein paar Minuten oder lassen Sie sich ein neues Passwort geben.',
  ],
  'role-missing': [
    'Ihre Rolle erlaubt das nicht',
    'Dafür ist eine Rolle nötig, die Sie nicht haben.',
    'Fragen Sie die Administration, wenn Sie sie brauchen.',
  ],
  'origin-refused': [
    'Adresse nicht erlaubt',
    'Die Seite wurde unter einer Adresse geöffnet, die der Collector nicht annimmt.',
    'Öffnen Sie sie unter der Adresse des Collectors oder tragen Sie diese in seine Einstellungen ein.',
  ],
  'csrf-refused': [
    'Seite ist veraltet',
    'Der Anfrage fehlte das Kennzeichen dieser Sitzung.',
    'Laden Sie die Seite neu und versuchen Sie es erneut.',
  ],
  'password-weak': [
    'Passwort zu schwach',
    'Das Passwort ist zu kurz oder zu leicht zu erraten.',
    'Wählen Sie ein längeres; ein paar Wörter ohne Zusammenhang sind gut.',
  ],
  'password-change-needed': [
    'Eigenes Passwort wählen',
    'Ihr Passwort wurde von jemand anderem vergeben.',
    'Setzen Sie Ihr eigenes, um weiterzumachen.',
  ],
  conflict: [
    'Jemand war schneller',
    'Es hat sich geändert, seit diese Seite es zeigte, oder es gibt es schon.',
    'Laden Sie neu, um den jetzigen Stand zu sehen, und versuchen Sie es erneut.',
  ],
  'device-offline': [
    'Gerät ist nicht verbunden',
    'Das Gerät kann nicht gefragt werden, solange es offline ist.',
    'Versuchen Sie es erneut, wenn es als live erscheint.',
  ],
  'settings-invalid': [
    'Einstellungen ungültig',
    'Mindestens eine Einstellung hat einen unerlaubten Wert.',
    'Berichtigen Sie die genannten Einstellungen und starten Sie erneut.',
  ],
  'data-folder-unwritable': [
    'Datenordner nicht beschreibbar',
    'In den Datenordner kann nicht geschrieben werden.',
    'Geben Sie dem Konto Schreibrecht oder wählen Sie einen anderen Ordner.',
  ],
  'data-folder-in-use': [
    'Datenordner in Benutzung',
    'Ein anderer Prozess benutzt diesen Datenordner.',
    'Beenden Sie ihn oder wählen Sie einen anderen Ordner.',
  ],
  'store-newer': [
    'Daten aus neuerer Version',
    'Eine neuere Version hat diese Daten geschrieben.',
    'Starten Sie diese oder eine spätere Version; zurück geht es mit einer Sicherung.',
  ],
  'store-denied': [
    'Datenbank lässt uns nicht ein',
    'Die Datenbank lässt den Collector nicht ein oder nicht tun, was er muss.',
    'Prüfen Sie Benutzer, Passwort und Rechte in TRAYLINE_STORE; readWrite und dbAdmin auf ihre Datenbank genügen.',
  ],
  'store-unsuitable': [
    'Datenbank nicht geeignet',
    'Die Datenbank ist zu alt oder kein Replica Set und könnte nicht behalten, was man ihr gibt.',
    'Verwenden Sie MongoDB 6.0 oder neuer als Replica Set; ein Mitglied genügt.',
  ],
  'tls-required': [
    'Verschlüsselung nötig',
    'Der Collector würde ohne TLS über diesen Rechner hinaus erreichbar sein.',
    'Setzen Sie Zertifikat und Schlüssel oder lauschen Sie nur auf der lokalen Adresse.',
  ],
  'address-in-use': [
    'Adresse belegt',
    'Ein anderes Programm lauscht bereits auf dieser Adresse.',
    'Beenden Sie es oder wählen Sie einen anderen Port.',
  ],
  'scan-over-budget': [
    'Eine Prüfung kostet zu viel',
    'Eine Prüfung braucht mehr Prozessorzeit als erlaubt und läuft seltener.',
    'Das Budget für Prüfungen erhöhen, falls das zu selten ist, oder die Ursache der Langsamkeit suchen.',
  ],
  'outbox-damaged': [
    'Postausgang war beschädigt',
    'Gespeicherte Nachrichten waren unlesbar, wohl nach einem Stromausfall. Lesbares wurde behalten.',
    'Nichts zu tun: Das Gerät sendet seinen ganzen Zustand erneut.',
  ],
  'identity-unreadable': [
    'Geräteschlüssel unlesbar',
    'Der Schlüssel ist beschädigt oder von einem anderen Rechner kopiert.',
    'Melden Sie das Gerät neu an.',
  ],
  'service-already-running': [
    'Läuft bereits',
    'Der Agent läuft auf diesem Gerät schon.',
    'Benutzen Sie den laufenden oder beenden Sie ihn zuerst.',
  ],
  'vendor-unreachable': [
    'System nicht erreichbar',
    'Das angebundene System hat nicht geantwortet.',
    'Adresse, Netz und Proxy prüfen. Es wird von selbst erneut versucht.',
  ],
  'vendor-credentials': [
    'Zugangsdaten abgelehnt',
    'Das angebundene System nimmt die Zugangsdaten nicht an.',
    'Auf der Seite Integrationen neue eingeben und „Neu verbinden“ wählen.',
  ],
  'vendor-permission': [
    'Berechtigung fehlt',
    'Das angebundene System kennt die Zugangsdaten, erlaubt dies aber nicht.',
    'Die auf der Seite Integrationen gezeigten Rechte erteilen, dann „Neu verbinden“ wählen.',
  ],
  'vendor-throttled': [
    'System bittet um Geduld',
    'Das angebundene System nimmt vorerst keine Anfragen mehr an.',
    'Nichts zu tun: Es geht weiter, sobald das System es erlaubt.',
  ],
  'vendor-refused': [
    'Anfrage abgelehnt',
    'Das angebundene System hat eine Anfrage nicht angenommen.',
    'Einstellungen der Anbindung prüfen. Stimmen sie, mit der Trace-ID melden.',
  ],
  'vendor-not-found': [
    'Dort nicht bekannt',
    'Das angebundene System kennt unter diesem Namen nichts.',
    'Einstellungen der Anbindung prüfen oder das System neu einlesen.',
  ],
  'vendor-failed': [
    'Fehler im System',
    'Im angebundenen System ist ein Fehler aufgetreten.',
    'Nichts zu tun: Es wird erneut versucht. Bleibt es so, den Hersteller fragen.',
  ],
  'vendor-answer': [
    'Antwort nicht verstanden',
    'Die Antwort des angebundenen Systems war nicht lesbar.',
    'Adresse prüfen: Vielleicht hat eine Anmeldeseite oder ein Proxy geantwortet.',
  ],
  'vendor-redirect': [
    'Umgeleitet',
    'Das angebundene System verwies auf einen anderen Host; dorthin wurde nichts gesendet.',
    'Ist das System umgezogen, die neue Adresse auf der Seite Integrationen eingeben.',
  ],
  'secret-unreadable': [
    'Gespeichertes Geheimnis nicht lesbar',
    'Ein gespeichertes Geheimnis passt nicht zum Schlüssel dieses Collectors.',
    'Die zu den Daten gehörende Schlüsseldatei wiederherstellen oder das Geheimnis neu eingeben.',
  ],
  'sender-refused': [
    'Nicht von Trayline gefragt',
    'Etwas, das nicht Traylines eigenes Fenster ist, hat etwas verlangt und wurde abgewiesen.',
    'Nichts zu tun. Kommt es wieder vor, sagen Sie es Ihrem Helpdesk.',
  ],
  'link-refused': [
    'Adresse nicht auf der Liste',
    'Trayline öffnet nur Adressen, die es kennt.',
    'Öffnen Sie die Adresse selbst im Browser, wenn Sie ihr vertrauen.',
  ],
  'consent-missing': [
    'Nicht zugestimmt',
    'Eine Änderung des Geräts braucht die Zustimmung der Person davor; es gibt keine, oder sie ist abgelaufen.',
    'Fordern Sie sie noch einmal an und stimmen Sie innerhalb von zwei Minuten zu.',
  ],
  'help-too-many': [
    'Zu viele Anfragen auf einmal',
    'Von diesem Gerät warten schon so viele Anfragen auf die IT, wie auf einmal angenommen werden, oder es waren heute sehr viele.',
    'Warten Sie auf eine Antwort oder ziehen Sie eine zurück, die Sie nicht mehr brauchen. Ist es dringend, rufen Sie den Helpdesk an.',
  ],
  'help-over': [
    'Zu spät zum Zurückziehen',
    'Die IT hat diese Anfrage schon beantwortet oder abgeschlossen.',
    'Es ist nichts zu tun. Stellen Sie eine neue Anfrage, wenn Sie etwas anderes brauchen.',
  ],
  'service-unreachable': [
    'Der Dienst von Trayline antwortet nicht',
    'Der Teil von Trayline, der dieses Gerät prüft, läuft nicht oder antwortet nicht.',
    'Es wird von selbst wieder versucht. Bleibt es so, starten Sie das Gerät neu oder fragen Sie Ihren Helpdesk.',
  ],
  internal: [
    'Etwas ist schiefgegangen',
    'Im Collector trat ein unerwarteter Fehler auf.',
    'Versuchen Sie es erneut. Bleibt es so, melden Sie es mit der Trace-Nummer.',
  ],
};
