import type { CheckMeanings } from './meanings.ts';

export const fr: CheckMeanings = {
  'os.version': 'Quel système tourne sur cet appareil, avec sa version et son build.',
  'os.support': 'Si l’éditeur fournit encore des mises à jour de sécurité pour cette version du système.',
  uptime: 'Depuis quand l’appareil n’a pas été redémarré complètement.',
  'reboot.pending': 'Si quelque chose, par exemple une mise à jour, attend un redémarrage.',
  'time.skew': 'Si l’horloge de l’appareil est à l’heure.',
  'crash.count':
    'Combien de fois le système ou des programmes ont planté récemment. Les noms des programmes sont lus, jamais les contenus.',
  'disk.free': 'Combien d’espace reste sur les disques de l’appareil.',
  'disk.health': 'Ce que les disques disent de leur état et de leur usure.',
  battery:
    'Ce que la batterie peut encore contenir, combien de fois elle a été chargée et si l’appareil est sur secteur.',
  perf: 'À quel point le processeur, la mémoire, le disque et le réseau sont occupés en ce moment.',
  processes:
    'Quels programmes utilisent le plus le processeur, par leur nom. Ce qu’ils traitent n’est pas lu.',
  'disk.encryption': 'Si le disque est chiffré. Les clés de récupération ne sont jamais lues.',
  'fw.enabled': 'Si un pare-feu est activé.',
  'av.products': 'Quels antivirus sont installés, actifs et à jour.',
  'av.defender':
    'Comment Microsoft Defender est réglé et quand il a analysé l’appareil pour la dernière fois. Les exclusions ne sont pas lues.',
  antispyware: 'Quels programmes contre les logiciels espions sont installés, actifs et à jour.',
  'edr.falcon': 'Si le capteur de CrowdStrike est installé et fonctionne.',
  'edr.ztaScore':
    'Comment CrowdStrike évalue la protection de cet appareil. La question est posée à CrowdStrike, pas à l’appareil.',
  'boot.secure': 'Si l’appareil ne démarre que des systèmes signés.',
  tpm: 'Si l’appareil a une puce qui garde les clés, et si elle est prête.',
  'os.integrity': 'Si le système protège son propre code contre les modifications.',
  gatekeeper: 'Si les programmes venus d’Internet sont vérifiés avant de démarrer.',
  'screen.lock': 'Au bout de combien de temps l’écran se verrouille en votre absence.',
  'password.policy':
    'Ce que l’appareil exige des mots de passe. Les mots de passe eux-mêmes ne sont jamais lus.',
  'login.auto': 'Si l’appareil ouvre une session tout seul. Pour qui n’est pas lu.',
  'remote.access': 'Si quelqu’un peut ouvrir une session sur l’appareil à distance.',
  'update.lastCheck': 'Quand des mises à jour ont été recherchées pour la dernière fois.',
  'update.missing': 'Quelles mises à jour du système sont connues et pas installées.',
  'update.lastInstalled': 'Quand le système a installé une mise à jour pour la dernière fois.',
  'update.auto': 'Si le système se tient à jour tout seul.',
  'join.domain':
    'À quel annuaire d’entreprise l’appareil appartient. Les noms des personnes ne sont pas lus.',
  'sso.prt': 'Si la connexion aux services de l’entreprise est récente. Le jeton lui-même n’est jamais lu.',
  'mdm.enrolled': 'Si l’entreprise gère cet appareil.',
  'mdm.lastSync': 'Quand l’appareil a parlé à sa gestion pour la dernière fois.',
  'net.mac': 'Adresses des cartes réseau de l’appareil. Les noms des réseaux sans fil ne sont pas lus.',
  'net.vpn': 'Si un tunnel vers l’entreprise est ouvert. Ce que vous y faites n’est pas lu.',
  'net.location':
    'Depuis quel réseau de l’entreprise l’appareil se connecte. Le collecteur le voit à la connexion.',
  'geo.location':
    'Depuis quel pays l’appareil se connecte. Le collecteur le voit à la connexion ; aucun lieu plus précis n’est connu.',
  'app.citrixWorkspace': 'Si l’application Citrix Workspace est installée, et sa version.',
  browser: 'Quels navigateurs sont installés et lequel ouvre les liens. Ce que vous visitez n’est jamais lu.',
  'app.installed': 'Si les programmes recherchés par votre entreprise sont installés, et leurs versions.',
  file: 'Si les fichiers recherchés par votre entreprise sont là, avec taille, date et empreinte. Leur contenu ne quitte jamais l’appareil.',
  process: 'Si les programmes recherchés par votre entreprise sont en cours d’exécution.',
  service: 'Si les services recherchés par votre entreprise sont installés et actifs.',
  'registry.numeric': 'Des nombres demandés par votre entreprise dans les réglages du système.',
  'registry.text':
    'Des textes demandés par votre entreprise dans les réglages du système. Les emplacements de secrets ne sont jamais lus.',
  'cert.device':
    'Si l’appareil possède un certificat de votre entreprise. Les clés privées ne sont jamais lues.',
};
