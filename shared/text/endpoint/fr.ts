/** Ce que l’application de l’appareil dit à la personne devant lui, en français. */
export const endpointFr = {
  'desk.firewall.why':
    'Sans lui, d’autres appareils du même réseau peuvent atteindre les programmes du vôtre.',
  'desk.firewall.step.windows':
    'Ouvrez « Sécurité Windows », puis « Pare-feu et protection du réseau », et activez-le pour chaque réseau.',
  'desk.firewall.step.macos': 'Ouvrez Réglages Système, puis « Réseau » et « Coupe-feu », et activez-le.',
  'desk.firewall.step.linux':
    'Activez le pare-feu de votre système (ufw ou firewalld), ou demandez-le à votre assistance.',
  'desk.firewall.step.managed':
    'Si le bouton est grisé, votre organisation le gère : demandez à votre assistance.',
  'desk.encryption.why': 'Si cet appareil est perdu ou volé, celui qui le trouve peut tout y lire.',
  'desk.encryption.step.windows':
    'Ouvrez Paramètres, puis « Confidentialité et sécurité » et « Chiffrement de l’appareil » (ou « BitLocker »), et activez-le.',
  'desk.encryption.step.macos':
    'Ouvrez Réglages Système, puis « Confidentialité et sécurité », et activez FileVault.',
  'desk.encryption.step.linux':
    'Demandez à votre assistance : sur ce système, le disque est chiffré à l’installation.',
  'desk.encryption.step.resume':
    'Ouvrez « Gérer BitLocker » et choisissez « Reprendre la protection ». Souvent, un redémarrage suffit.',
  'desk.encryption.step.go-on': 'Vous pouvez continuer à travailler ; laissez l’appareil branché.',
  'desk.disk.why':
    'Quand le disque est plein, des programmes échouent, les mises à jour ne s’installent pas et du travail peut être perdu.',
  'desk.disk.step.bin': 'Videz la corbeille.',
  'desk.disk.step.windows':
    'Ouvrez Paramètres, puis « Système » et « Stockage », et nettoyez ce qui y est recommandé.',
  'desk.disk.step.macos':
    'Ouvrez Réglages Système, puis « Général » et « Stockage », et suivez les recommandations.',
  'desk.disk.step.linux':
    'Cherchez les gros dossiers de votre dossier personnel et supprimez ce dont vous n’avez plus besoin.',
  'desk.disk.step.downloads':
    'Parcourez vos téléchargements et déplacez les gros fichiers vers le stockage de votre entreprise.',
  'desk.drive.why': 'Un disque qui tombe en panne emporte tout ce qu’il contient.',
  'desk.drive.step.save': 'Enregistrez votre travail aujourd’hui sur le stockage de votre entreprise.',
  'desk.drive.step.helpdesk': 'Prévenez votre assistance : le disque doit être remplacé.',
  'desk.drive.step.watch': 'Prévenez votre assistance : le disque devrait être examiné avant une panne.',
  'desk.battery.why': 'Sur batterie, l’appareil ne tiendra pas longtemps et peut s’éteindre sans prévenir.',
  'desk.battery.step.mains': 'En attendant son remplacement, gardez le chargeur avec vous.',
  'desk.battery.step.helpdesk': 'Demandez une nouvelle batterie à votre assistance.',
  'desk.support.why.ended': 'Les nouvelles failles de sécurité ne sont plus corrigées sur cet appareil.',
  'desk.support.why.ending':
    'Après ce jour, les nouvelles failles de sécurité ne seront plus corrigées sur cet appareil.',
  'desk.support.step.windows':
    'Ouvrez Paramètres, puis « Windows Update », et installez la version plus récente si elle est proposée.',
  'desk.support.step.macos':
    'Ouvrez Réglages Système, puis « Général » et « Mise à jour de logiciels », et installez la version plus récente si elle est proposée.',
  'desk.support.step.linux': 'Demandez à votre assistance le passage à une version plus récente.',
  'desk.support.step.helpdesk': 'Si aucune n’est proposée, demandez à votre assistance.',
  'desk.restart.why': 'Les mises à jour installées ne protègent cet appareil qu’après un redémarrage.',
  'desk.restart.step.save': 'Enregistrez votre travail.',
  'desk.restart.step.restart': 'Redémarrez l’appareil.',
  'desk.uptime.why': 'Un appareil jamais redémarré devient lent et manque des mises à jour.',
  'act.restart.title': 'Redémarrer',
  'act.restart.what':
    'L’appareil redémarre dans une minute. Enregistrez d’abord votre travail : les programmes ouverts seront fermés.',
  'act.restart.done': 'L’appareil redémarre dans une minute.',
  'act.turn-on-firewall.title': 'Activer le pare-feu',
  'act.turn-on-firewall.what':
    'Trayline active le pare-feu de cet appareil, pour tous les réseaux. Il peut arrêter des programmes que d’autres appareils utilisent sur celui-ci, comme le partage de fichiers ou d’écran.',
  'act.turn-on-firewall.done': 'Le pare-feu est actif : le contrôle l’a constaté.',
  'act.already-so': 'C’était déjà le cas. Rien n’a été modifié.',
  'act.did-not-help':
    'C’est fait, mais le contrôle trouve encore le problème. Une règle de votre organisation en décide peut-être : demandez à votre assistance.',
  'act.unsure-before':
    'Le contrôle ne peut pas dire ce qu’il en est pour l’instant. Rien n’a été modifié ; réessayez plus tard.',
  'act.unsure-after':
    'C’est fait, mais le contrôle ne peut pas dire si cela a aidé. Contrôlez de nouveau plus tard.',
  'act.not-allowed.rights': 'Trayline n’a pas les droits pour cela sur cet appareil. Rien n’a été modifié.',
  'act.not-allowed.organisation':
    'Votre organisation en décide sur cet appareil. Rien n’a été modifié : demandez à votre assistance.',
  'act.not-possible': 'Cet appareil n’a pas de programme pour cela. Rien n’a été modifié.',
  'act.failed.command-failed': 'Cela n’a pas fonctionné.',
  'act.failed.timeout': 'Cela a pris trop de temps et a été arrêté. Contrôlez de nouveau plus tard.',
  'act.failed.not-recorded':
    'Toute modification est d’abord consignée, et le disque de cet appareil n’accepte rien pour l’instant. Rien n’a été modifié.',
  'act.yes': 'Continuer',
  'act.no': 'Annuler',
  'assist.basis':
    'Je réponds à partir des contrôles de cet appareil et des étapes pour ce qu’ils ont trouvé. Je ne sais encore rien d’autre ; pour tout le reste, demandez à votre assistance.',
  'assist.well': 'Les contrôles n’ont rien trouvé qui demande votre attention.',
  'assist.problems':
    'Les contrôles ont trouvé {count} {count:point qui demande|points qui demandent} votre attention.',
  'assist.unknown': 'Les contrôles n’ont pas encore répondu.',
  'assist.check': 'Voici la dernière réponse du contrôle « {check} ».',
  'assist.no-problem': 'Il n’a rien trouvé qui demande votre attention.',
  'assist.nothing': 'Je n’ai rien trouvé à ce sujet parmi les contrôles de cet appareil.',
  'journal.started': 'Trayline a démarré',
  'journal.connected': 'Connecté au collecteur',
  'journal.disconnected': 'Connexion au collecteur perdue',
  'journal.problem-found': 'Trouvé',
  'journal.problem-gone': 'Résolu',
  'journal.checks-you': 'Vous avez lancé les contrôles',
  'journal.checks-helpdesk': 'L’assistance a lancé les contrôles',
  'journal.viewed': '{name} a commencé à regarder cet appareil',
  'journal.view-ended': '{name} ne regarde plus cet appareil',
  'journal.consented': 'Vous avez accepté une modification de l’appareil',
  'journal.declined': 'Vous avez refusé une modification de l’appareil',
  'journal.help-asked': 'Vous avez demandé de l’aide à l’assistance',
  'journal.help-withdrawn': 'Vous avez retiré une demande à l’assistance',
  'journal.help-answered': 'L’assistance a répondu à votre demande',
  'journal.help-answered-by': '{name} a répondu à votre demande',
  'journal.help-closed': 'Votre demande à l’assistance a été clôturée',
  'journal.help-closed-by': '{name} a clôturé votre demande à l’assistance',
  'tray.state.well': 'Tout va bien',
  'tray.state.attention': '{count} {count:point demande|points demandent} votre attention',
  'tray.state.will-block': 'A besoin de vous avant {when}',
  'tray.state.will-block-undated': 'A bientôt besoin de vous',
  'tray.state.blocked': 'L’accès est bloqué',
  'tray.state.unknown': 'Pas encore connu',
  'tray.state.offline': 'Non connecté',
  'tray.state.no-service': 'Le service de Trayline ne fonctionne pas',
  'tray.viewer': '{name} regarde cet appareil, depuis {when}',
  'tray.open': 'Ouvrir Trayline',
  'tray.check': 'Vérifier maintenant',
  'tray.checking': 'Vérification …',
  'tray.ask': 'Poser une question sur cet appareil',
  'tray.privacy': 'Ce qui est collecté',
  'tray.snooze': 'Notifications',
  'tray.snooze.hour': 'Suspendre une heure',
  'tray.snooze.morning': 'Suspendre jusqu’à demain matin',
  'tray.snooze.off': 'Reprendre (suspendu jusqu’à {when})',
  'tray.quit': 'Quitter',
  'notify.problem': 'Votre appareil a besoin de vous',
  'notify.soon': 'Seulement jusqu’à {when}',
  'notify.today': 'Dernier jour : jusqu’à {when}',
  'notify.blocked': 'L’accès est bloqué',
  'notify.answer': '{name} a répondu à votre demande',
  'notify.answer.read': 'Cliquez pour lire la réponse.',
} as const;
