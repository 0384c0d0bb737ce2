import type { postureEn } from './en.ts';

export const postureDe: Readonly<Record<keyof typeof postureEn, string>> = {
  'asks.os.version': 'Welches System in welcher Version und welchem Build auf diesem Gerät läuft.',
  'asks.os.support': 'Ob der Hersteller für diese Version des Systems noch Sicherheitsupdates liefert.',
  'asks.uptime': 'Wann das Gerät zuletzt vollständig gestartet wurde.',
  'asks.reboot.pending': 'Ob etwas, zum Beispiel ein Update, auf einen Neustart wartet.',
  'asks.time.skew': 'Ob die Uhr des Geräts richtig geht.',
  'asks.crash.count':
    'Wie oft das System oder Programme zuletzt abgestürzt sind. Gelesen werden Programmnamen, keine Inhalte.',
  'asks.disk.free': 'Wie viel Platz auf den eigenen Laufwerken des Geräts frei ist.',
  'asks.disk.health': 'Was die Laufwerke über ihren Zustand und ihre Abnutzung melden.',
  'asks.battery': 'Wie viel der Akku hält, wie oft er geladen wurde und ob das Gerät am Netz hängt.',
  'asks.perf': 'Wie ausgelastet Prozessor, Arbeitsspeicher, Laufwerk und Netz gerade sind.',
  'asks.processes':
    'Welche Programme den Prozessor am meisten nutzen, dem Namen nach. Woran sie arbeiten, wird nicht gelesen.',
  'asks.disk.encryption':
    'Ob das Laufwerk verschlüsselt ist. Wiederherstellungsschlüssel werden nie gelesen.',
  'asks.fw.enabled': 'Ob eine Firewall eingeschaltet ist.',
  'asks.av.products': 'Welche Virenschutzprogramme installiert, eingeschaltet und aktuell sind.',
  'asks.av.defender':
    'Wie Microsoft Defender eingestellt ist und wann er das Gerät zuletzt durchsucht hat. Ausnahmen werden nicht gelesen.',
  'asks.antispyware': 'Welche Programme gegen Spionagesoftware installiert, eingeschaltet und aktuell sind.',
  'asks.edr.falcon': 'Ob der Sensor von CrowdStrike installiert ist und arbeitet.',
  'asks.edr.ztaScore':
    'Wie CrowdStrike den Schutz dieses Geräts bewertet. Gefragt wird CrowdStrike, nicht das Gerät.',
  'asks.boot.secure': 'Ob das Gerät nur signierte Systeme startet.',
  'asks.tpm': 'Ob das Gerät einen Chip hat, der Schlüssel verwahrt, und ob er bereit ist.',
  'asks.os.integrity': 'Ob das System seinen eigenen Code vor Änderungen schützt.',
  'asks.gatekeeper': 'Ob Programme aus dem Internet vor dem Start geprüft werden.',
  'asks.screen.lock': 'Nach welcher Zeit sich der Bildschirm sperrt, wenn niemand da ist.',
  'asks.password.policy': 'Was das Gerät von Passwörtern verlangt. Passwörter selbst werden nie gelesen.',
  'asks.login.auto': 'Ob das Gerät jemanden von selbst anmeldet. Wen, wird nicht gelesen.',
  'asks.remote.access': 'Ob sich jemand von anderswo am Gerät anmelden kann.',
  'asks.update.lastCheck': 'Wann zuletzt nach Updates gesucht wurde.',
  'asks.update.missing': 'Welche Updates des Systems bekannt und nicht installiert sind.',
  'asks.update.lastInstalled': 'Wann das System zuletzt ein Update installiert hat.',
  'asks.update.auto': 'Ob sich das System selbst aktuell hält.',
  'asks.join.domain':
    'Zu welchem Firmenverzeichnis das Gerät gehört. Namen von Personen werden nicht gelesen.',
  'asks.sso.prt': 'Ob die Anmeldung an den Diensten der Firma frisch ist. Das Token selbst wird nie gelesen.',
  'asks.mdm.enrolled': 'Ob die Firma dieses Gerät verwaltet.',
  'asks.mdm.lastSync': 'Wann das Gerät zuletzt mit seiner Verwaltung gesprochen hat.',
  'asks.net.mac': 'Adressen der Netzwerkadapter des Geräts. Namen von Funknetzen werden nicht gelesen.',
  'asks.net.vpn': 'Ob ein Tunnel zur Firma besteht. Wohin Sie damit gehen, wird nicht gelesen.',
  'asks.net.location':
    'Aus welchem Netz der Firma sich das Gerät verbindet. Der Collector sieht das an der Verbindung.',
  'asks.geo.location':
    'Aus welchem Land sich das Gerät verbindet. Der Collector sieht das an der Verbindung; einen genaueren Ort kennt er nicht.',
  'asks.app.citrixWorkspace': 'Ob die Citrix Workspace-App installiert ist, und ihre Version.',
  'asks.browser':
    'Welche Browser installiert sind und welcher Links öffnet. Was Sie besuchen, wird nie gelesen.',
  'asks.app.installed':
    'Ob die Programme, nach denen Ihre Firma fragt, installiert sind, und ihre Versionen.',
  'asks.file':
    'Ob die Dateien, nach denen Ihre Firma fragt, vorhanden sind, mit Größe, Datum und Prüfsumme. Inhalte verlassen das Gerät nie.',
  'asks.process': 'Ob die Programme, nach denen Ihre Firma fragt, laufen.',
  'asks.service': 'Ob die Dienste, nach denen Ihre Firma fragt, installiert sind und laufen.',
  'asks.registry.numeric': 'Zahlen in den Einstellungen des Systems, nach denen Ihre Firma fragt.',
  'asks.registry.text':
    'Texte in den Einstellungen des Systems, nach denen Ihre Firma fragt. Orte mit Geheimnissen werden nie gelesen.',
  'asks.cert.device': 'Ob das Gerät ein Zertifikat Ihrer Firma hat. Private Schlüssel werden nie gelesen.',
  'reason.not-asked': 'Das Gerät hat dazu nichts gemeldet',
  'reason.not-told': 'Die Antwort lässt das offen',
  'reason.incomplete': 'Nicht alles war feststellbar, und was bekannt ist, entscheidet es nicht',
  'reason.too-old': 'Was bekannt ist, ist zu alt, um zu zählen',
  'reason.clock-wrong': 'Eine Uhr geht falsch, darum ist das Alter nicht feststellbar',
  'reason.not-comparable': 'Die beiden Werte haben keine Reihenfolge',
  'reason.rule-unknown': 'Die Regel fragt nach etwas, das diese Version nicht kennt',
  'result.pass': 'Erfüllt',
  'result.fail': 'Nicht erfüllt',
  'result.unknown': 'Nicht feststellbar',
  'cannot.not-permitted': 'Der Agent läuft hier ohne die Rechte dafür; als Dienst installiert kann er fragen',
  'cannot.not-installed': 'Das Programm, das antworten würde, ist auf diesem Gerät nicht installiert',
  'cannot.constrained-language':
    'PowerShell ist auf diesem Gerät eingeschränkt; das Skript des Agenten muss erlaubt werden',
  'cannot.not-supported': 'Dieses System kann darauf nicht antworten',
  'cannot.not-applicable': 'Die Frage trifft auf dieses Gerät nicht zu',
  'cannot.no-subjects': 'Es ist nichts benannt, wonach gesucht werden soll',
  'cannot.newer-than-table': 'Das System ist neuer als unsere Tabelle der Supportdaten',
  'cannot.not-reported':
    'Von diesem Gerät kam dazu nichts: Die Prüfung lief noch nicht, oder der Agent ist älter als die Prüfung',
  'cannot.server': 'Das beantwortet {system}, nicht das Gerät; von dort kam für dieses Gerät nichts',
  'cannot.collector':
    'Das beantwortet der Collector anhand der Adresse der Verbindung; für dieses Gerät hat er es noch nicht getan',
  'part.service': 'Dienst',
  'part.user': 'Benutzerteil',
};
