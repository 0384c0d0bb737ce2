import type { ToldCatalogue } from '../tell.ts';

const bug = 'Signalez-le avec le numéro de trace ; le journal contient les détails.';
const waits = 'Rien à faire : un nouvel essai a lieu tout seul.';

export const fr: ToldCatalogue = {
  'frame-malformed': ['Message incompris', 'Un appareil a envoyé un message illisible.', bug],
  'frame-too-large': ['Message trop grand', 'Un message dépassait la limite et n’a pas été lu.', bug],
  'frame-unsupported': [
    'Type de message inconnu',
    'Un message d’un type inconnu de cette version a été ignoré.',
    'Mettez à jour le plus ancien des deux côtés.',
  ],
  'frame-binary': ['Message binaire refusé', 'Un message binaire est arrivé à la place d’un texte.', bug],
  'frame-out-of-turn': [
    'Message à contretemps',
    'Un message est arrivé avant ou après le moment permis.',
    'L’appareil se reconnecte tout seul. Si cela se répète, signalez-le avec le numéro de trace.',
  ],
  'frame-too-many-bad': [
    'Trop de messages illisibles',
    'La connexion a été coupée car trop de messages étaient illisibles.',
    'Mettez l’agent à jour. Si cela se répète, signalez-le avec le numéro de trace.',
  ],
  'finding-invalid': [
    'Résultat refusé',
    'Un résultat ne correspond pas à son contrôle et n’a pas été conservé. Les autres l’ont été.',
    bug,
  ],
  'sequence-gap': [
    'Messages manquants',
    'Des messages de l’appareil ne sont pas arrivés.',
    'Rien à faire : l’appareil les renvoie.',
  ],
  'too-fast': [
    'Trop de demandes',
    'Il en est arrivé plus que permis à la fois.',
    'Attendez quelques secondes, puis réessayez.',
  ],
  'version-unsupported': [
    'Versions incompatibles',
    'Les deux côtés ne parlent aucune version commune.',
    'Mettez à jour le côté le plus ancien ; rechargez cette page si elle est ouverte depuis longtemps.',
  ],
  'greeting-timeout': ['Présentation trop lente', 'L’appareil ne s’est pas présenté à temps.', waits],
  'signature-wrong': [
    'L’appareil n’a pas pu se prouver',
    'La signature ne correspond pas à la clé de l’appareil.',
    'Inscrivez-le à nouveau s’il a été restauré depuis une copie.',
  ],
  'device-unknown': [
    'Appareil non inscrit',
    'Ce collecteur ne connaît pas l’appareil.',
    'Inscrivez-le avec un jeton ou admettez-le sur la page « Enrolment ».',
  ],
  'device-revoked': [
    'Appareil révoqué',
    'Quelqu’un a retiré l’accès à cet appareil.',
    'Si c’était une erreur, rétablissez-le sur sa page.',
  ],
  'device-duplicated': [
    'Clé utilisée deux fois',
    'Deux machines se connectent avec la même clé. L’une est sans doute une copie de l’autre.',
    'Inscrivez l’une des deux à nouveau, pour que chacune ait sa clé.',
  ],
  'device-superseded': [
    'Remplacé par une connexion plus récente',
    'Le même appareil s’est reconnecté.',
    waits,
  ],
  'token-unknown': [
    'Jeton inconnu',
    'Ce jeton n’est pas un jeton de ce collecteur.',
    'Vérifiez la saisie ou créez-en un nouveau.',
  ],
  'token-expired': [
    'Jeton expiré',
    'La durée du jeton est écoulée.',
    'Créez-en un nouveau sur la page « Enrolment ».',
  ],
  'token-used-up': [
    'Jeton épuisé',
    'Le jeton a admis autant d’appareils que permis.',
    'Créez-en un nouveau sur la page « Enrolment ».',
  ],
  'token-revoked': [
    'Jeton révoqué',
    'Quelqu’un a révoqué le jeton.',
    'Créez-en un nouveau sur la page « Enrolment ».',
  ],
  'admission-waiting': [
    'En attente d’admission',
    'L’appareil a demandé à être admis.',
    'Comparez son empreinte et admettez-le sur la page « Enrolment ».',
  ],
  'admission-rejected': [
    'Admission refusée',
    'Quelqu’un a refusé cet appareil.',
    'Si c’était une erreur, faites-le redemander puis admettez-le.',
  ],
  'collector-changed': [
    'Autre collecteur',
    'L’appareil appartient à un autre collecteur et n’en change pas tout seul.',
    'Vérifiez l’adresse du collecteur ou inscrivez l’appareil ici à nouveau.',
  ],
  'collector-busy': [
    'Collecteur occupé',
    'Plus d’appareils se connectent qu’il ne peut en accueillir à la fois.',
    waits,
  ],
  'collector-stopping': ['Le collecteur redémarre', 'Le collecteur est en train de s’arrêter.', waits],
  'store-unavailable': [
    'Stockage indisponible',
    'Le collecteur ne peut ni lire ni écrire ses données ; rien n’a été modifié.',
    'Réessayez dans une minute. Si cela dure, vérifiez le disque ou la base de données du collecteur.',
  ],
  'request-invalid': [
    'Le formulaire contient une erreur',
    'La demande ne correspond pas à ce qui est permis ici.',
    'Vérifiez les champs marqués et renvoyez.',
  ],
  'not-found': [
    'Introuvable',
    'Il n’y a rien (ou plus rien) à cette adresse.',
    'Revenez à la liste et choisissez-y.',
  ],
  'method-not-allowed': [
    'Impossible ici',
    'Cette adresse ne fait pas ce qui est demandé.',
    'Rechargez la page et réessayez.',
  ],
  'body-too-large': [
    'Trop à la fois',
    'La demande est plus grande que permis.',
    'Envoyez moins en une fois.',
  ],
  'signed-out': [
    'Vous êtes déconnecté',
    'La session est terminée ou n’a jamais existé.',
    'Connectez-vous pour continuer.',
  ],
  'sign-in-wrong': [
    'Cela ne correspond pas',
    'Le nom ou le mot de passe est faux.',
    'Réessayez ou demandez un nouveau mot de passe à l’administration.',
  ],
  'sign-in-locked': [
    'Trop d’essais',
    'La connexion est bloquée un moment après trop de mots de passe faux.',
    'Attendez quelques minutes ou demandez un nouveau mot de passe.',
  ],
  'role-missing': [
    'Votre rôle ne le permet pas',
    'Il faut pour cela un rôle que vous n’avez pas.',
    'Demandez à l’administration si vous en avez besoin.',
  ],
  'origin-refused': [
    'Adresse non permise',
    'La page a été ouverte à une adresse que le collecteur n’accepte pas.',
    'Ouvrez-la à l’adresse du collecteur ou ajoutez celle-ci à ses réglages.',
  ],
  'csrf-refused': [
    'La page est périmée',
    'La demande ne portait pas la marque de cette session.',
    'Rechargez la page et réessayez.',
  ],
  'password-weak': [
    'Mot de passe trop faible',
    'Le mot de passe est trop court ou trop facile à deviner.',
    'Choisissez-en un plus long ; quelques mots sans lien conviennent.',
  ],
  'password-change-needed': [
    'Choisissez votre mot de passe',
    'Le vôtre vous a été donné par quelqu’un d’autre.',
    'Définissez le vôtre pour continuer.',
  ],
  conflict: [
    'Quelqu’un a été plus rapide',
    'Cela a changé depuis l’affichage, ou existe déjà.',
    'Rechargez pour voir l’état actuel, puis réessayez.',
  ],
  'device-offline': [
    'Appareil non connecté',
    'On ne peut rien demander à l’appareil tant qu’il est hors ligne.',
    'Réessayez quand il apparaît en direct.',
  ],
  'settings-invalid': [
    'Réglages non valables',
    'Au moins un réglage a une valeur non permise.',
    'Corrigez les réglages nommés et redémarrez.',
  ],
  'data-folder-unwritable': [
    'Dossier de données protégé',
    'Impossible d’écrire dans le dossier de données.',
    'Donnez le droit d’écriture au compte ou choisissez un autre dossier.',
  ],
  'data-folder-in-use': [
    'Dossier de données occupé',
    'Un autre processus utilise ce dossier de données.',
    'Arrêtez-le ou choisissez un autre dossier.',
  ],
  'store-newer': [
    'Données d’une version plus récente',
    'Une version plus récente a écrit ces données.',
    'Lancez cette version ou une suivante ; pour revenir, restaurez une sauvegarde.',
  ],
  'store-denied': [
    'Accès à la base refusé',
    'La base de données refuse le collecteur, ou ce qu’il doit y faire.',
    'Vérifiez l’utilisateur, le mot de passe et les droits dans TRAYLINE_STORE ; readWrite et dbAdmin sur sa base suffisent.',
  ],
  'store-unsuitable': [
    'Base de données inadaptée',
    'La base de données est trop ancienne ou n’est pas un replica set : elle ne pourrait pas conserver ce qu’on lui confie.',
    'Utilisez MongoDB 6.0 ou plus récent en replica set ; un seul membre suffit.',
  ],
  'tls-required': [
    'Chiffrement nécessaire',
    'Le collecteur écouterait au-delà de cette machine sans TLS.',
    'Indiquez un certificat et une clé, ou n’écoutez que l’adresse locale.',
  ],
  'address-in-use': [
    'Adresse occupée',
    'Un autre programme écoute déjà à cette adresse.',
    'Arrêtez-le ou choisissez un autre port.',
  ],
  'scan-over-budget': [
    'Un contrôle coûte trop',
    'Un contrôle prend plus de temps processeur que permis et s’exécute moins souvent.',
    'Augmentez le budget des contrôles si c’est trop rare, ou cherchez pourquoi l’appareil est lent.',
  ],
  'outbox-damaged': [
    'Boîte d’envoi endommagée',
    'Des messages stockés étaient illisibles, sans doute après une coupure. Le lisible a été gardé.',
    'Rien à faire : l’appareil renvoie tout son état.',
  ],
  'identity-unreadable': [
    'Clé de l’appareil illisible',
    'La clé est endommagée ou copiée d’une autre machine.',
    'Inscrivez l’appareil à nouveau.',
  ],
  'service-already-running': [
    'Déjà en marche',
    'L’agent tourne déjà sur cet appareil.',
    'Utilisez-le ou arrêtez-le d’abord.',
  ],
  'vendor-unreachable': [
    'Système injoignable',
    'Le système connecté n’a pas répondu.',
    'Vérifiez son adresse, le réseau et le proxy. Une nouvelle tentative a lieu d’elle-même.',
  ],
  'vendor-credentials': [
    'Identifiants refusés',
    'Le système connecté n’accepte pas les identifiants.',
    'Saisissez-en de nouveaux dans la page Intégrations, puis choisissez Reconnecter.',
  ],
  'vendor-permission': [
    'Autorisation manquante',
    'Le système connecté accepte les identifiants, mais n’autorise pas cette action.',
    'Accordez les autorisations indiquées dans la page Intégrations, puis choisissez Reconnecter.',
  ],
  'vendor-throttled': [
    'Le système demande de ralentir',
    'Le système connecté n’accepte plus de requêtes pour l’instant.',
    'Rien à faire : cela reprend dès que le système le permet.',
  ],
  'vendor-refused': [
    'Requête refusée',
    'Le système connecté n’a pas accepté une requête.',
    'Vérifiez les réglages du connecteur. S’ils sont justes, signalez-le avec l’identifiant de trace.',
  ],
  'vendor-not-found': [
    'Inconnu là-bas',
    'Le système connecté ne connaît rien sous ce nom.',
    'Vérifiez les réglages du connecteur, ou relisez le système.',
  ],
  'vendor-failed': [
    'Erreur du système',
    'Le système connecté a rencontré une erreur interne.',
    'Rien à faire : une nouvelle tentative a lieu. Si cela dure, contactez l’éditeur du système.',
  ],
  'vendor-answer': [
    'Réponse incomprise',
    'La réponse du système connecté n’a pas pu être lue.',
    'Vérifiez l’adresse : une page de connexion ou un proxy a peut-être répondu.',
  ],
  'vendor-redirect': [
    'Renvoi ailleurs',
    'Le système connecté a renvoyé vers un autre hôte ; rien n’y a été envoyé.',
    'Si le système a déménagé, saisissez sa nouvelle adresse dans la page Intégrations.',
  ],
  'secret-unreadable': [
    'Secret enregistré illisible',
    'Un secret enregistré ne correspond pas à la clé de ce collecteur.',
    'Restaurez le fichier de clé qui va avec les données, ou saisissez à nouveau le secret.',
  ],
  'sender-refused': [
    'Demande étrangère à Trayline',
    'Quelque chose qui n’est pas la fenêtre de Trayline a fait une demande, qui a été refusée.',
    'Rien à faire. Si cela se répète, prévenez votre assistance.',
  ],
  'link-refused': [
    'Adresse absente de la liste',
    'Trayline n’ouvre que les adresses qu’il connaît.',
    'Ouvrez l’adresse vous-même dans votre navigateur si vous lui faites confiance.',
  ],
  'consent-missing': [
    'Pas d’accord donné',
    'Modifier l’appareil demande l’accord de la personne devant lui ; il manque ou n’est plus valable.',
    'Refaites la demande et donnez votre accord dans les deux minutes.',
  ],
  'help-too-many': [
    'Trop de demandes à la fois',
    'Autant de demandes que possible attendent déjà l’assistance pour cet appareil, ou il y en a eu beaucoup aujourd’hui.',
    'Attendez une réponse ou retirez une demande devenue inutile. Si c’est urgent, appelez l’assistance.',
  ],
  'help-over': [
    'Trop tard pour retirer',
    'L’assistance a déjà répondu à cette demande ou l’a clôturée.',
    'Il n’y a rien à faire. Faites une nouvelle demande si vous avez besoin d’autre chose.',
  ],
  'service-unreachable': [
    'Le service de Trayline ne répond pas',
    'La partie de Trayline qui contrôle cet appareil ne fonctionne pas ou ne répond pas.',
    'Un nouvel essai se fait tout seul. Si cela dure, redémarrez l’appareil ou prévenez votre assistance.',
  ],
  internal: [
    'Un problème est survenu',
    'Le collecteur a rencontré une erreur inattendue.',
    'Réessayez. Si cela dure, signalez-le avec le numéro de trace.',
  ],
};
