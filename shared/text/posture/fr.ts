import type { postureEn } from './en.ts';

export const postureFr: Readonly<Record<keyof typeof postureEn, string>> = {
  'asks.os.version': 'Quel système tourne sur cet appareil, avec sa version et son build.',
  'asks.os.support':
    'Si l’éditeur fournit encore des mises à jour de sécurité pour cette version du système.',
  'asks.uptime': 'Depuis quand l’appareil n’a pas été redémarré complètement.',
  'asks.reboot.pending': 'Si quelque chose, par exemple une mise à jour, attend un redémarrage.',
  'asks.time.skew': 'Si l’horloge de l’appareil est à l’heure.',
  'asks.crash.count':
    'Combien de fois le système ou des programmes ont planté récemment. Les noms des programmes sont lus, jamais les contenus.',
  'asks.disk.free': 'Combien d’espace reste sur les disques de l’appareil.',
  'asks.disk.health': 'Ce que les disques disent de leur état et de leur usure.',
  'asks.battery':
    'Ce que la batterie peut encore contenir, combien de fois elle a été chargée et si l’appareil est sur secteur.',
  'asks.perf': 'À quel point le processeur, la mémoire, le disque et le réseau sont occupés en ce moment.',
  'asks.processes':
    'Quels programmes utilisent le plus le processeur, par leur nom. Ce qu’ils traitent n’est pas lu.',
  'asks.disk.encryption': 'Si le disque est chiffré. Les clés de récupération ne sont jamais lues.',
  'asks.fw.enabled': 'Si un pare-feu est activé.',
  'asks.av.products': 'Quels antivirus sont installés, actifs et à jour.',
  'asks.av.defender':
    'Comment Microsoft Defender est réglé et quand il a analysé l’appareil pour la dernière fois. Les exclusions ne sont pas lues.',
  'asks.antispyware': 'Quels programmes contre les logiciels espions sont installés, actifs et à jour.',
  'asks.edr.falcon': 'Si le capteur de CrowdStrike est installé et fonctionne.',
  'asks.edr.ztaScore':
    'Comment CrowdStrike évalue la protection de cet appareil. La question est posée à CrowdStrike, pas à l’appareil.',
  'asks.boot.secure': 'Si l’appareil ne démarre que des systèmes signés.',
  'asks.tpm': 'Si l’appareil a une puce qui garde les clés, et si elle est prête.',
  'asks.os.integrity': 'Si le système protège son propre code contre les modifications.',
  'asks.gatekeeper': 'Si les programmes venus d’Internet sont vérifiés avant de démarrer.',
  'asks.screen.lock': 'Au bout de combien de temps l’écran se verrouille en votre absence.',
  'asks.password.policy':
    'Ce que l’appareil exige des mots de passe. Les mots de passe eux-mêmes ne sont jamais lus.',
  'asks.login.auto': 'Si l’appareil ouvre une session tout seul. Pour qui n’est pas lu.',
  'asks.remote.access': 'Si quelqu’un peut ouvrir une session sur l’appareil à distance.',
  'asks.update.lastCheck': 'Quand des mises à jour ont été recherchées pour la dernière fois.',
  'asks.update.missing': 'Quelles mises à jour du système sont connues et pas installées.',
  'asks.update.lastInstalled': 'Quand le système a installé une mise à jour pour la dernière fois.',
  'asks.update.auto': 'Si le système se tient à jour tout seul.',
  'asks.join.domain':
    'À quel annuaire d’entreprise l’appareil appartient. Les noms des personnes ne sont pas lus.',
  'asks.sso.prt':
    'Si la connexion aux services de l’entreprise est récente. Le jeton lui-même n’est jamais lu.',
  'asks.mdm.enrolled': 'Si l’entreprise gère cet appareil.',
  'asks.mdm.lastSync': 'Quand l’appareil a parlé à sa gestion pour la dernière fois.',
  'asks.net.mac': 'Adresses des cartes réseau de l’appareil. Les noms des réseaux sans fil ne sont pas lus.',
  'asks.net.vpn': 'Si un tunnel vers l’entreprise est ouvert. Ce que vous y faites n’est pas lu.',
  'asks.net.location':
    'Depuis quel réseau de l’entreprise l’appareil se connecte. Le collecteur le voit à la connexion.',
  'asks.geo.location':
    'Depuis quel pays l’appareil se connecte. Le collecteur le voit à la connexion ; aucun lieu plus précis n’est connu.',
  'asks.app.citrixWorkspace': 'Si l’application Citrix Workspace est installée, et sa version.',
  'asks.browser':
    'Quels navigateurs sont installés et lequel ouvre les liens. Ce que vous visitez n’est jamais lu.',
  'asks.app.installed':
    'Si les programmes recherchés par votre entreprise sont installés, et leurs versions.',
  'asks.file':
    'Si les fichiers recherchés par votre entreprise sont là, avec taille, date et empreinte. Leur contenu ne quitte jamais l’appareil.',
  'asks.process': 'Si les programmes recherchés par votre entreprise sont en cours d’exécution.',
  'asks.service': 'Si les services recherchés par votre entreprise sont installés et actifs.',
  'asks.registry.numeric': 'Des nombres demandés par votre entreprise dans les réglages du système.',
  'asks.registry.text':
    'Des textes demandés par votre entreprise dans les réglages du système. Les emplacements de secrets ne sont jamais lus.',
  'asks.cert.device':
    'Si l’appareil possède un certificat de votre entreprise. Les clés privées ne sont jamais lues.',
  'reason.not-asked': 'L’appareil n’a rien signalé à ce sujet',
  'reason.not-told': 'La réponse laisse ce point ouvert',
  'reason.incomplete': 'Tout n’a pas pu être établi, et ce qui est connu ne tranche pas',
  'reason.too-old': 'Ce qui est connu est trop ancien pour compter',
  'reason.clock-wrong': 'Une horloge est fausse, l’âge ne peut donc pas être établi',
  'reason.not-comparable': 'Les deux valeurs n’ont pas d’ordre',
  'reason.rule-unknown': 'La règle demande quelque chose que cette version ne connaît pas',
  'result.pass': 'Respecté',
  'result.fail': 'Non respecté',
  'result.unknown': 'Impossible à dire',
  'cannot.not-permitted':
    'L’agent tourne ici sans les droits nécessaires ; installé comme service, il peut demander',
  'cannot.not-installed': 'Le programme qui répondrait n’est pas installé sur cet appareil',
  'cannot.constrained-language':
    'PowerShell est restreint sur cet appareil ; le script de l’agent doit être autorisé',
  'cannot.not-supported': 'Ce système n’a aucun moyen de répondre',
  'cannot.not-applicable': 'La question ne concerne pas cet appareil',
  'cannot.no-subjects': 'Rien à rechercher n’a été indiqué',
  'cannot.newer-than-table': 'Le système est plus récent que notre table des dates de support',
  'cannot.not-reported':
    'Rien n’est venu de cet appareil : la vérification n’a pas encore tourné, ou l’agent est plus ancien qu’elle',
  'cannot.server': 'C’est {system} qui répond, pas l’appareil ; rien n’en est venu pour cet appareil',
  'cannot.collector':
    'Le collecteur répond d’après l’adresse de la connexion ; il ne l’a pas encore fait pour cet appareil',
  'part.service': 'Service',
  'part.user': 'Partie utilisateur',
};
