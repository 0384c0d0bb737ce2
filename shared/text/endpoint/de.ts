/** Was die App auf dem Gerät der Person davor sagt, auf Deutsch. */
export const endpointDe = {
  'desk.firewall.why': 'Ohne sie erreichen andere Geräte im selben Netz Programme auf Ihrem Gerät.',
  'desk.firewall.step.windows':
    'Öffnen Sie „Windows-Sicherheit“, dann „Firewall- und Netzwerkschutz“, und schalten Sie sie für jedes Netz ein.',
  'desk.firewall.step.macos':
    'Öffnen Sie die Systemeinstellungen, dann „Netzwerk“ und „Firewall“, und schalten Sie sie ein.',
  'desk.firewall.step.linux':
    'Schalten Sie die Firewall Ihres Systems ein (ufw oder firewalld) oder bitten Sie Ihren Helpdesk darum.',
  'desk.firewall.step.managed':
    'Ist der Schalter grau, verwaltet ihn Ihre Organisation: Fragen Sie Ihren Helpdesk.',
  'desk.encryption.why':
    'Geht dieses Gerät verloren oder wird es gestohlen, kann jeder Finder alles darauf lesen.',
  'desk.encryption.step.windows':
    'Öffnen Sie die Einstellungen, dann „Datenschutz und Sicherheit“ und „Geräteverschlüsselung“ (oder „BitLocker“), und schalten Sie sie ein.',
  'desk.encryption.step.macos':
    'Öffnen Sie die Systemeinstellungen, dann „Datenschutz & Sicherheit“, und schalten Sie FileVault ein.',
  'desk.encryption.step.linux':
    'Fragen Sie Ihren Helpdesk: Auf diesem System wird die Festplatte beim Einrichten verschlüsselt.',
  'desk.encryption.step.resume':
    'Öffnen Sie „BitLocker verwalten“ und wählen Sie „Schutz fortsetzen“. Oft genügt auch ein Neustart.',
  'desk.encryption.step.go-on': 'Sie können inzwischen weiterarbeiten; lassen Sie das Gerät am Netzteil.',
  'desk.disk.why':
    'Ist der Speicher voll, versagen Programme, Updates lassen sich nicht installieren, und Arbeit kann verloren gehen.',
  'desk.disk.step.bin': 'Leeren Sie den Papierkorb.',
  'desk.disk.step.windows':
    'Öffnen Sie die Einstellungen, dann „System“ und „Speicher“, und räumen Sie auf, was dort empfohlen wird.',
  'desk.disk.step.macos':
    'Öffnen Sie die Systemeinstellungen, dann „Allgemein“ und „Speicher“, und folgen Sie den Empfehlungen.',
  'desk.disk.step.linux':
    'Suchen Sie große Ordner in Ihrem Benutzerordner und löschen Sie, was Sie nicht mehr brauchen.',
  'desk.disk.step.downloads':
    'Sehen Sie Ihre Downloads durch und verschieben Sie große Dateien in den Speicher Ihrer Firma.',
  'desk.drive.why': 'Fällt ein Laufwerk aus, ist alles verloren, was darauf war.',
  'desk.drive.step.save': 'Sichern Sie Ihre Arbeit heute noch im Speicher Ihrer Firma.',
  'desk.drive.step.helpdesk': 'Melden Sie es dem Helpdesk: Das Laufwerk muss ersetzt werden.',
  'desk.drive.step.watch':
    'Melden Sie es dem Helpdesk: Das Laufwerk sollte vor einem Ausfall geprüft werden.',
  'desk.battery.why':
    'Im Akkubetrieb hält das Gerät nicht lange und schaltet sich vielleicht ohne Warnung ab.',
  'desk.battery.step.mains': 'Haben Sie bis zum Austausch das Netzteil dabei.',
  'desk.battery.step.helpdesk': 'Bitten Sie Ihren Helpdesk um einen neuen Akku.',
  'desk.support.why.ended': 'Neue Sicherheitslücken werden auf diesem Gerät nicht mehr geschlossen.',
  'desk.support.why.ending':
    'Nach diesem Tag werden neue Sicherheitslücken auf diesem Gerät nicht mehr geschlossen.',
  'desk.support.step.windows':
    'Öffnen Sie die Einstellungen, dann „Windows Update“, und installieren Sie die neuere Version, wenn sie angeboten wird.',
  'desk.support.step.macos':
    'Öffnen Sie die Systemeinstellungen, dann „Allgemein“ und „Softwareupdate“, und installieren Sie die neuere Version, wenn sie angeboten wird.',
  'desk.support.step.linux': 'Bitten Sie Ihren Helpdesk um die Umstellung auf eine neuere Version.',
  'desk.support.step.helpdesk': 'Wird keine angeboten, fragen Sie Ihren Helpdesk.',
  'desk.restart.why': 'Installierte Updates schützen dieses Gerät erst nach einem Neustart.',
  'desk.restart.step.save': 'Speichern Sie Ihre Arbeit.',
  'desk.restart.step.restart': 'Starten Sie das Gerät neu.',
  'desk.uptime.why': 'Geräte, die nie neu gestartet werden, werden langsam und verpassen Updates.',
  'act.restart.title': 'Neu starten',
  'act.restart.what':
    'Das Gerät startet in einer Minute neu. Speichern Sie vorher Ihre Arbeit: Offene Programme werden geschlossen.',
  'act.restart.done': 'Das Gerät startet in einer Minute neu.',
  'act.turn-on-firewall.title': 'Firewall einschalten',
  'act.turn-on-firewall.what':
    'Trayline schaltet die eigene Firewall dieses Geräts ein, für jedes Netz. Programme, die andere Geräte auf diesem erreichen, etwa Datei- oder Bildschirmfreigabe, kann sie aufhalten.',
  'act.turn-on-firewall.done': 'Die Firewall ist an: Die Prüfung hat es so gefunden.',
  'act.already-so': 'Das war schon so. Es wurde nichts verändert.',
  'act.did-not-help':
    'Es wurde getan, aber die Prüfung findet das Problem noch. Vielleicht entscheidet eine Regel Ihrer Organisation: Fragen Sie Ihren Helpdesk.',
  'act.unsure-before':
    'Die Prüfung kann gerade nicht sagen, wie es steht. Es wurde nichts verändert; versuchen Sie es später noch einmal.',
  'act.unsure-after':
    'Es wurde getan, aber die Prüfung kann nicht sagen, ob es geholfen hat. Prüfen Sie später noch einmal.',
  'act.not-allowed.rights':
    'Trayline hat auf diesem Gerät nicht die Rechte dafür. Es wurde nichts verändert.',
  'act.not-allowed.organisation':
    'Das entscheidet auf diesem Gerät Ihre Organisation. Es wurde nichts verändert: Fragen Sie Ihren Helpdesk.',
  'act.not-possible': 'Auf diesem Gerät gibt es kein Programm dafür. Es wurde nichts verändert.',
  'act.failed.command-failed': 'Das hat nicht geklappt.',
  'act.failed.timeout': 'Das hat zu lange gedauert und wurde abgebrochen. Prüfen Sie später noch einmal.',
  'act.failed.not-recorded':
    'Jede Änderung wird zuerst aufgeschrieben, und die Festplatte dieses Geräts nimmt gerade nichts an. Es wurde nichts verändert.',
  'act.yes': 'Weiter',
  'act.no': 'Abbrechen',
  'assist.basis':
    'Ich antworte aus den Prüfungen dieses Geräts und den Schritten zu dem, was sie gefunden haben. Mehr weiß ich noch nicht; für alles andere fragen Sie Ihren Helpdesk.',
  'assist.well': 'Die Prüfungen haben nichts gefunden, was Sie braucht.',
  'assist.problems':
    'Die Prüfungen haben {count} {count:Sache|Sachen} gefunden, für die Sie gebraucht werden.',
  'assist.unknown': 'Die Prüfungen haben noch nicht geantwortet.',
  'assist.check': 'Das hat die Prüfung „{check}“ zuletzt geantwortet.',
  'assist.no-problem': 'Sie hat nichts gefunden, was Sie braucht.',
  'assist.nothing': 'Dazu habe ich in den Prüfungen dieses Geräts nichts gefunden.',
  'journal.started': 'Trayline wurde gestartet',
  'journal.connected': 'Mit dem Collector verbunden',
  'journal.disconnected': 'Verbindung zum Collector verloren',
  'journal.problem-found': 'Gefunden',
  'journal.problem-gone': 'Gelöst',
  'journal.checks-you': 'Sie haben die Prüfungen angestoßen',
  'journal.checks-helpdesk': 'Der Helpdesk hat die Prüfungen angestoßen',
  'journal.viewed': '{name} sieht sich dieses Gerät an',
  'journal.view-ended': '{name} sieht sich dieses Gerät nicht mehr an',
  'journal.consented': 'Sie haben einer Änderung des Geräts zugestimmt',
  'journal.declined': 'Sie haben eine Änderung des Geräts abgelehnt',
  'journal.help-asked': 'Sie haben die IT um Hilfe gebeten',
  'journal.help-withdrawn': 'Sie haben eine Anfrage an die IT zurückgezogen',
  'journal.help-answered': 'Die IT hat Ihre Anfrage beantwortet',
  'journal.help-answered-by': '{name} hat Ihre Anfrage beantwortet',
  'journal.help-closed': 'Ihre Anfrage an die IT wurde abgeschlossen',
  'journal.help-closed-by': '{name} hat Ihre Anfrage an die IT abgeschlossen',
  'tray.state.well': 'Alles in Ordnung',
  'tray.state.attention': '{count} {count:Punkt braucht|Punkte brauchen} Ihre Aufmerksamkeit',
  'tray.state.will-block': 'Handeln Sie bis {when}',
  'tray.state.will-block-undated': 'Handeln Sie bald',
  'tray.state.blocked': 'Zugang ist gesperrt',
  'tray.state.unknown': 'Noch nicht bekannt',
  'tray.state.offline': 'Nicht verbunden',
  'tray.state.no-service': 'Der Dienst von Trayline läuft nicht',
  'tray.viewer': '{name} sieht sich dieses Gerät an, seit {when}',
  'tray.open': 'Trayline öffnen',
  'tray.check': 'Jetzt prüfen',
  'tray.checking': 'Wird geprüft …',
  'tray.ask': 'Zu diesem Gerät fragen',
  'tray.privacy': 'Was erfasst wird',
  'tray.snooze': 'Mitteilungen',
  'tray.snooze.hour': 'Eine Stunde Pause',
  'tray.snooze.morning': 'Pause bis morgen früh',
  'tray.snooze.off': 'Fortsetzen (Pause bis {when})',
  'tray.quit': 'Beenden',
  'notify.problem': 'Ihr Gerät braucht Sie',
  'notify.soon': 'Nur noch bis {when}',
  'notify.today': 'Letzter Tag: bis {when}',
  'notify.blocked': 'Zugang ist gesperrt',
  'notify.answer': '{name} hat Ihre Anfrage beantwortet',
  'notify.answer.read': 'Klicken Sie, um die Antwort zu lesen.',
} as const;
