import type { CheckMeanings } from './meanings.ts';

export const de: CheckMeanings = {
  'os.version': 'Welches System in welcher Version und welchem Build auf diesem Gerät läuft.',
  'os.support': 'Ob der Hersteller für diese Version des Systems noch Sicherheitsupdates liefert.',
  uptime: 'Wann das Gerät zuletzt vollständig gestartet wurde.',
  'reboot.pending': 'Ob etwas, zum Beispiel ein Update, auf einen Neustart wartet.',
  'time.skew': 'Ob die Uhr des Geräts richtig geht.',
  'crash.count':
    'Wie oft das System oder Programme zuletzt abgestürzt sind. Gelesen werden Programmnamen, keine Inhalte.',
  'disk.free': 'Wie viel Platz auf den eigenen Laufwerken des Geräts frei ist.',
  'disk.health': 'Was die Laufwerke über ihren Zustand und ihre Abnutzung melden.',
  battery: 'Wie viel der Akku hält, wie oft er geladen wurde und ob das Gerät am Netz hängt.',
  perf: 'Wie ausgelastet Prozessor, Arbeitsspeicher, Laufwerk und Netz gerade sind.',
  processes:
    'Welche Programme den Prozessor am meisten nutzen, dem Namen nach. Woran sie arbeiten, wird nicht gelesen.',
  'disk.encryption': 'Ob das Laufwerk verschlüsselt ist. Wiederherstellungsschlüssel werden nie gelesen.',
  'fw.enabled': 'Ob eine Firewall eingeschaltet ist.',
  'av.products': 'Welche Virenschutzprogramme installiert, eingeschaltet und aktuell sind.',
  'av.defender':
    'Wie Microsoft Defender eingestellt ist und wann er das Gerät zuletzt durchsucht hat. Ausnahmen werden nicht gelesen.',
  antispyware: 'Welche Programme gegen Spionagesoftware installiert, eingeschaltet und aktuell sind.',
  'edr.falcon': 'Ob der Sensor von CrowdStrike installiert ist und arbeitet.',
  'edr.ztaScore':
    'Wie CrowdStrike den Schutz dieses Geräts bewertet. Gefragt wird CrowdStrike, nicht das Gerät.',
  'boot.secure': 'Ob das Gerät nur signierte Systeme startet.',
  tpm: 'Ob das Gerät einen Chip hat, der Schlüssel verwahrt, und ob er bereit ist.',
  'os.integrity': 'Ob das System seinen eigenen Code vor Änderungen schützt.',
  gatekeeper: 'Ob Programme aus dem Internet vor dem Start geprüft werden.',
  'screen.lock': 'Nach welcher Zeit sich der Bildschirm sperrt, wenn niemand da ist.',
  'password.policy': 'Was das Gerät von Passwörtern verlangt. Passwörter selbst werden nie gelesen.',
  'login.auto': 'Ob das Gerät jemanden von selbst anmeldet. Wen, wird nicht gelesen.',
  'remote.access': 'Ob sich jemand von anderswo am Gerät anmelden kann.',
  'update.lastCheck': 'Wann zuletzt nach Updates gesucht wurde.',
  'update.missing': 'Welche Updates des Systems bekannt und nicht installiert sind.',
  'update.lastInstalled': 'Wann das System zuletzt ein Update installiert hat.',
  'update.auto': 'Ob sich das System selbst aktuell hält.',
  'join.domain': 'Zu welchem Firmenverzeichnis das Gerät gehört. Namen von Personen werden nicht gelesen.',
  'sso.prt': 'Ob die Anmeldung an den Diensten der Firma frisch ist. Das Token selbst wird nie gelesen.',
  'mdm.enrolled': 'Ob die Firma dieses Gerät verwaltet.',
  'mdm.lastSync': 'Wann das Gerät zuletzt mit seiner Verwaltung gesprochen hat.',
  'net.mac': 'Adressen der Netzwerkadapter des Geräts. Namen von Funknetzen werden nicht gelesen.',
  'net.vpn': 'Ob ein Tunnel zur Firma besteht. Wohin Sie damit gehen, wird nicht gelesen.',
  'net.location':
    'Aus welchem Netz der Firma sich das Gerät verbindet. Der Collector sieht das an der Verbindung.',
  'geo.location':
    'Aus welchem Land sich das Gerät verbindet. Der Collector sieht das an der Verbindung; einen genaueren Ort kennt er nicht.',
  'app.citrixWorkspace': 'Ob die Citrix Workspace-App installiert ist, und ihre Version.',
  browser: 'Welche Browser installiert sind und welcher Links öffnet. Was Sie besuchen, wird nie gelesen.',
  'app.installed': 'Ob die Programme, nach denen Ihre Firma fragt, installiert sind, und ihre Versionen.',
  file: 'Ob die Dateien, nach denen Ihre Firma fragt, vorhanden sind, mit Größe, Datum und Prüfsumme. Inhalte verlassen das Gerät nie.',
  process: 'Ob die Programme, nach denen Ihre Firma fragt, laufen.',
  service: 'Ob die Dienste, nach denen Ihre Firma fragt, installiert sind und laufen.',
  'registry.numeric': 'Zahlen in den Einstellungen des Systems, nach denen Ihre Firma fragt.',
  'registry.text':
    'Texte in den Einstellungen des Systems, nach denen Ihre Firma fragt. Orte mit Geheimnissen werden nie gelesen.',
  'cert.device': 'Ob das Gerät ein Zertifikat Ihrer Firma hat. Private Schlüssel werden nie gelesen.',
};
