// French words for what went wrong, by its code.

import type { Code } from "../../generated/Code";
import type { FaultWords } from "./en";

export const faults: Record<Code, FaultWords> = {
  UNREACHABLE: {
    title: "Pas de connexion",
    meaning: "Rien n’a été envoyé\u00A0: rien n’a changé et aucun service n’a commencé.",
    action: "Vérifiez le câble réseau ou le Wi-Fi de cet ordinateur, puis réessayez.",
  },
  UNAVAILABLE: {
    title: "Le serveur ne peut pas répondre pour l’instant",
    meaning: "Ce qui est déjà enregistré est en sécurité. Rien n’est commencé deux fois.",
    action: "Attendez une minute, puis réessayez. Si cela dure, prévenez votre responsable.",
  },
  NO_ANSWER: {
    title: "La réponse n’est pas arrivée",
    meaning: "La demande a peut-être été exécutée. Réessayer est sans risque\u00A0: rien n’est commencé deux fois.",
    action: "Vérifiez le réseau de cet ordinateur, puis réessayez.",
  },
  NOT_SUPABASE: {
    title: "Autre chose a répondu",
    meaning: "Une page web ou un autre service a répondu à la place du projet Supabase. Rien n’a changé.",
    action: "Sur un Wi-Fi partagé, connectez-vous d’abord à ce réseau dans un navigateur. Sinon, vérifiez l’URL du projet.",
  },
  WRONG_KEY: {
    title: "Le projet n’accepte pas cette clé",
    meaning: "Sans la bonne clé, cette caisse ne peut pas fonctionner. Rien n’a changé.",
    action:
      "Copiez la clé publiable (publishable key) du tableau de bord Supabase, Project Settings, API Keys, et saisissez-la dans la connexion au projet.",
  },
  SECRET_KEY: {
    title: "C’est une clé secrète",
    meaning: "Une clé secrète ouvre toute la base de données à quiconque utilise cet ordinateur. Elle n’a pas été enregistrée.",
    action:
      "Utilisez la clé publiable (elle commence par sb_publishable_). Si cette clé secrète a déjà été enregistrée sur une caisse, remplacez-la dans le tableau de bord Supabase.",
  },
  BAD_URL: {
    title: "Ce n’est pas l’adresse d’un projet",
    meaning: "Rien n’a été enregistré ni envoyé.",
    action: "Saisissez l’URL du projet, prise dans le tableau de bord Supabase. Elle ressemble à https://votre-projet.supabase.co.",
  },
  BAD_CONFIG: {
    title: "Le fichier de configuration est illisible",
    meaning: "Cette caisse ne connaît pas son projet. Aucun service et aucun argent n’est perdu.",
    action: "Corrigez le fichier nommé dans les détails, ou saisissez la connexion ici et enregistrez-la de nouveau.",
  },
  WRONG_PASSWORD: {
    title: "L’e-mail et le mot de passe ne correspondent pas",
    meaning: "Vous n’êtes pas connecté. Rien n’a changé.",
    action: "Saisissez les deux de nouveau en faisant attention aux majuscules. Votre responsable peut donner un nouveau mot de passe.",
  },
  EMAIL_NOT_CONFIRMED: {
    title: "Cette adresse e-mail n’est pas encore confirmée",
    meaning: "Vous n’êtes pas connecté. Rien n’a changé.",
    action: "Ouvrez l’e-mail de confirmation, suivez son lien, puis connectez-vous de nouveau.",
  },
  TOO_MANY_ATTEMPTS: {
    title: "Trop de tentatives",
    meaning: "Le serveur demande à tout le magasin d’attendre un peu. Rien n’a changé.",
    action: "Attendez cinq minutes, puis réessayez une fois.",
  },
  SIGNED_OUT: {
    title: "Votre connexion a pris fin",
    meaning: "Ce qui a été enregistré ici est conservé. Le service reste ouvert sur le serveur.",
    action: "Reconnectez-vous pour continuer.",
  },
  NOT_STAFF: {
    title: "Vous ne faites partie d’aucun magasin ici",
    meaning: "La connexion a réussi, mais elle ne donne accès à aucune caisse. Rien n’a changé.",
    action: "Demandez à votre responsable de vous ajouter au personnel, ou utilisez votre autre compte.",
  },
  FORBIDDEN: {
    title: "Votre rôle ne le permet pas",
    meaning: "Rien n’a changé.",
    action: "Demandez à un responsable de le faire, ou de changer votre rôle.",
  },
  FUNCTION_NOT_DEPLOYED: {
    title: "Partie base de données absente (Atomic session function not deployed)",
    meaning: "La partie base de données d’Onetill manque dans ce projet. Aucun service ne peut commencer, aucun argent n’est touché.",
    action:
      "Pour l’installateur\u00A0: appliquez les migrations du dossier `supabase/migrations`, soit avec la CLI Supabase, `supabase db push`, soit en collant les fichiers dans l’ordre dans l’éditeur SQL du tableau de bord Supabase. Puis réessayez.",
  },
  OLDER_SERVER: {
    title: "La partie base de données de ce projet est une version antérieure",
    meaning:
      "Les services peuvent être commencés et rejoints. Les écritures, comptages, rapports et le tableau demandent la partie actuelle. Rien n’a été enregistré.",
    action:
      "Pour l’installateur\u00A0: appliquez les migrations du dossier `supabase/migrations` (`onetillctl deploy` le fait). D’ici là, notez-le comme avant.",
  },
  FUNCTION_AMBIGUOUS: {
    title: "Il y a plusieurs fonctions de service",
    meaning: "La base de données ne peut pas choisir entre elles. Aucun service ne peut commencer, aucun argent n’est touché.",
    action:
      "Pour l’installateur\u00A0: appliquez de nouveau les migrations de `supabase/migrations`, elles laissent exactement une `get_or_create_session`. Puis réessayez.",
  },
  SERVER_MISCONFIGURED: {
    title: "La partie base de données a une erreur",
    meaning: "Le serveur n’a pas pu terminer la demande. Rien n’a changé.",
    action:
      "Prévenez votre installateur, avec les détails ci-dessous. Appliquer de nouveau les migrations de `supabase/migrations` suffit en général.",
  },
  REGISTER_NOT_FOUND: {
    title: "Cette caisse n’existe pas pour vous",
    meaning: "Aucun service n’a commencé.",
    action: "Choisissez une autre caisse. Si elle devrait exister, demandez à votre responsable.",
  },
  REGISTER_RETIRED: {
    title: "Cette caisse est hors service",
    meaning: "Aucun service n’a commencé.",
    action: "Choisissez une autre caisse. Un responsable peut remettre celle-ci en service.",
  },
  REGISTER_BUSY: {
    title: "Quelqu’un est en train d’ouvrir ou de fermer cette caisse",
    meaning: "Aucun deuxième service n’a commencé.",
    action: "Attendez quelques secondes, puis réessayez.",
  },
  SCOPE_MISMATCH: {
    title: "Cette caisse appartient à un autre magasin",
    meaning: "Aucun service n’a commencé.",
    action: "Relisez la liste des caisses et choisissez la vôtre.",
  },
  USER_MISMATCH: {
    title: "Quelqu’un d’autre est connecté",
    meaning: "La demande a été faite au nom d’une autre personne. Aucun service n’a commencé.",
    action: "Déconnectez-vous, puis connectez-vous sous votre nom.",
  },
  BAD_OPENING_CASH: {
    title: "Ce fond de caisse ne peut pas être juste",
    meaning: "Aucun service n’a commencé.",
    action: "Saisissez un montant de 0 à 9 999 999,99 avec deux décimales au plus.",
  },
  KEY_REUSED: {
    title: "Cela a déjà été demandé pour autre chose",
    meaning: "Rien n’a été fait une seconde fois, et rien de nouveau n’a été enregistré.",
    action: "Regardez encore l’écran et recommencez. Si cela revient, prévenez l’assistance, avec les détails ci-dessous.",
  },
  SESSION_NOT_FOUND: {
    title: "Le serveur ne connaît pas ce service",
    meaning: "Ce qui a été enregistré ici est conservé.",
    action: "Choisissez de nouveau la caisse. S’il manque de l’argent dans un rapport, prévenez votre responsable.",
  },
  SESSION_OVER: {
    title: "Ce service était déjà terminé",
    meaning: "L’opération n’est pas dans les comptes du service. Elle est conservée ici.",
    action: "Enregistrez-la dans le service en cours ou réglez-la avec votre responsable.",
  },
  COUNT_IN_PROGRESS: {
    title: "Quelqu’un compte le tiroir",
    meaning: "L’opération attend sur cet ordinateur. Rien n’est perdu.",
    action: "Attendez que le comptage soit terminé ou abandonné.",
  },
  COUNT_TAKEN_OVER: {
    title: "Le comptage a été repris",
    meaning: "Quelqu’un d’autre compte ce tiroir, ou a abandonné le comptage. Ce qui est enregistré est conservé.",
    action: "Lisez l’avis sur la caisse, puis recomptez si le tiroir vous revient.",
  },
  BAD_COUNT: {
    title: "Ce comptage ne peut pas être juste",
    meaning: "Rien n’a été remis, et votre saisie est toujours là.",
    action: "Vérifiez chaque nombre. Un tiroir vide se compte comme 0.",
  },
  REASON_REQUIRED: {
    title: "Il faut un motif",
    meaning: "Le service n’est pas encore clôturé. Le comptage reste valable.",
    action: "Écrivez en quelques mots pourquoi, puis clôturez à nouveau.",
  },
  APPROVAL_REQUIRED: {
    title: "Un responsable doit approuver l’écart",
    meaning: "Le service n’est pas encore clôturé. Le comptage reste valable.",
    action: "Recomptez, ou demandez à un responsable de s’identifier ici pour l’approuver.",
  },
  MANAGER_REQUIRED: {
    title: "Seul un responsable peut le faire",
    meaning: "Rien n’a été modifié.",
    action: "Demandez à un responsable de s’identifier ici.",
  },
  OWNER_REQUIRED: {
    title: "Seul le propriétaire peut faire cela",
    meaning: "Rien n’a été modifié.",
    action: "Le propriétaire se connecte et le fait.",
  },
  BAD_CATALOGUE: {
    title: "Ceci ne peut pas être enregistré ainsi",
    meaning: "Rien n’a été modifié.",
    action: "Corrigez le champ que nomment les détails ci-dessous, puis enregistrez à nouveau.",
  },
  CODE_TAKEN: {
    title: "Un autre article a ce code",
    meaning: "Un code appartient à un seul article. Rien n’a été enregistré.",
    action: "Cherchez le code dans la liste pour voir à qui il est, ou retirez-le ici.",
  },
  ITEM_CHANGED: {
    title: "Quelqu’un d’autre a modifié cet article",
    meaning: "Rien n’a été enregistré : rien de sa modification n’est perdu.",
    action: "Regardez l’article tel qu’il est maintenant, puis enregistrez à nouveau.",
  },
  UNSENT_ENTRIES: {
    title: "Des opérations de cet ordinateur ne sont pas encore envoyées",
    meaning: "Le service reste ouvert, et les opérations sont en sécurité sur cet ordinateur.",
    action: "Attendez leur envoi, ou demandez à un responsable d’autoriser la clôture sans elles.",
  },
  SESSION_NOT_EMPTY: {
    title: "Ce service contient des opérations",
    meaning: "Il n’a pas été annulé, car de l’argent y est enregistré.",
    action: "Comptez et clôturez-le, ou terminez-le et comptez plus tard.",
  },
  OVER_LIMIT: {
    title: "Ce montant doit être enregistré par un responsable",
    meaning: "Rien n’a été enregistré. Le magasin limite ce qu’un caissier enregistre seul.",
    action: "Demandez à un responsable de s’identifier et de l’enregistrer.",
  },
  NOT_CLOSED: {
    title: "Il n’y a pas encore de rapport Z",
    meaning: "Le service n’est pas clôturé, son rapport final n’est donc pas écrit.",
    action: "Clôturez d’abord le service, ou lisez son rapport X.",
  },
  BAD_MOVEMENT: {
    title: "Cette opération ne peut pas être juste",
    meaning: "Rien n’a été enregistré dans le service.",
    action: "Vérifiez le montant, et si l’opération a déjà été annulée.",
  },
  SELLING_OFF: {
    title: "La vente est désactivée ici",
    meaning: "Rien n’a été vendu. Les services, les opérations et les comptages fonctionnent comme avant.",
    action:
      "Le propriétaire l’active dans les règles de vente du magasin. Certains pays exigent une caisse certifiée ; là, elle reste désactivée.",
  },
  BAD_SALE: {
    title: "Le serveur n’a pas accepté ce ticket",
    meaning:
      "Il n’est pas dans les comptes du service. Une vente terminée reste sur cet ordinateur ; pour un remboursement, aucun argent n’est encore dû.",
    action: "Montrez-le à votre responsable, avec les détails ci-dessous. Les autres ventes continuent.",
  },
  BAD_TENDER: {
    title: "Le paiement de ce ticket n’est pas juste",
    meaning:
      "Le serveur ne l’a pas accepté. Une vente terminée reste sur cet ordinateur ; pour un remboursement, aucun argent n’est encore dû.",
    action: "Montrez-le à votre responsable, avec les détails ci-dessous. Les autres ventes continuent.",
  },
  BAD_RECEIPT: {
    title: "Le numéro de ce ticket ne correspond pas à cette caisse",
    meaning: "Le serveur ne l’a pas accepté. Il reste sur cet ordinateur.",
    action: "Montrez-le à votre responsable ou à votre installateur, avec les détails ci-dessous.",
  },
  SALE_NOT_FOUND: {
    title: "Ce ticket n’existe pas",
    meaning: "Rien n’a été modifié.",
    action: "Vérifiez le numéro sur le papier. Un ticket fait hors ligne à l’instant se trouve ici dès qu’il est envoyé.",
  },
  ALREADY_VOIDED: {
    title: "Ce ticket a déjà été annulé",
    meaning: "Plus rien ne peut en être rendu, et rien n’a été enregistré.",
    action: "Ne rendez pas d’argent. Regardez le ticket encore une fois.",
  },
  NOTHING_LEFT: {
    title: "Il reste moins à rendre",
    meaning: "Une partie de ce ticket a déjà été rendue. Rien n’a été enregistré.",
    action: "Ne rendez pas d’argent. Relisez le ticket et choisissez parmi ce qui reste.",
  },
  BAD_FIGURE: {
    title: "Ce nombre ne peut pas être juste",
    meaning: "La vente est comme avant.",
    action: "Vérifiez la quantité, le prix et le montant. Une remise ne dépasse jamais ce dont elle est déduite.",
  },
  CARD_NUMBER: {
    title: "Cela ressemble au numéro d’une carte de paiement",
    meaning: "Les numéros de carte ne sont pas conservés ici ; le texte n’a pas été pris.",
    action: "Écrivez-le sans le numéro.",
  },
  TEXT_TOO_LONG: {
    title: "Ce texte est trop long",
    meaning: "Il n’a pas été pris, et la vente est comme avant.",
    action: "Dites-le en moins de mots.",
  },
  NO_SUCH_LINE: {
    title: "Cette ligne n’existe plus",
    meaning: "La vente est comme avant.",
    action: "Regardez la vente encore une fois et choisissez une autre ligne.",
  },
  CART_EMPTY: {
    title: "Il n’y a encore rien dans cette vente",
    meaning: "Rien n’a été enregistré.",
    action: "Scannez d’abord un article ou saisissez un montant.",
  },
  BAD_SCAN: {
    title: "Ce code n’est pas lisible",
    meaning: "Rien n’a été ajouté. Un chiffre a été mal lu, ou ce n’est pas le code d’un article.",
    action: "Scannez-le à nouveau ou saisissez le montant.",
  },
  UNKNOWN_ITEM: {
    title: "Absent du catalogue",
    meaning: "Rien n’a été ajouté. Le code figure ci-dessous, dans les détails.",
    action: "Vendez-le par montant et prévenez votre responsable.",
  },
  PRICE_NEEDED: {
    title: "Il faut un prix pour cet article",
    meaning: "Il n’a pas été ajouté.",
    action: "Saisissez son prix, puis ajoutez-le de nouveau.",
  },
  AGE_TO_CHECK: {
    title: "L’âge du client doit être vérifié",
    meaning: "La vente reste telle quelle et n’est pas encore payée.",
    action: "Regardez la pièce d’identité et confirmez l’âge, ou retirez l’article.",
  },
  SALE_NEEDS_APPROVAL: {
    title: "Un responsable doit l’approuver",
    meaning: "C’est au-delà de ce que le magasin laisse faire seul en caisse. Rien n’a été enregistré.",
    action: "Demandez à un responsable de s’identifier ici pour l’approuver, ou modifiez la vente.",
  },
  MONEY_TAKEN: {
    title: "De l’argent a déjà été pris pour cette vente",
    meaning: "La vente reste telle quelle tant que son argent est dans le tiroir.",
    action: "Rendez d’abord l’argent et retirez son paiement, ou terminez la vente.",
  },
  PARKED_FULL: {
    title: "Plus aucune vente ne peut être mise en attente",
    meaning: "Cette vente reste à l’écran.",
    action: "Terminez d’abord une vente en attente, ou abandonnez-en une.",
  },
  CANNOT_VOID: {
    title: "Ce ticket ne peut pas être annulé ici",
    meaning: "Seule une vente entière de cette caisse et du service en cours s’annule. Rien n’a été enregistré.",
    action: "Faites plutôt un remboursement.",
  },
  OUTCOME_UNKNOWN: {
    title: "La réponse du serveur n’est pas encore connue",
    meaning: "Il a peut-être enregistré le remboursement.",
    action: "Ne rendez pas encore d’argent. Il est interrogé jusqu’à sa réponse.",
  },
  PRACTISING: {
    title: "Ceci est un exercice",
    meaning: "Rien n’a changé. L’exercice ne fait que vendre\u00A0: il n’a ni service, ni tiroir, ni comptage, ni tableau.",
    action: "Quittez d’abord l’exercice (F10), puis recommencez.",
  },
  CLOCK_SKEW: {
    title: "Une horloge est fausse",
    meaning: "Cet ordinateur et le serveur n’ont pas la même heure. Rien n’a changé.",
    action: "Réglez la date, l’heure et le fuseau horaire de cet ordinateur, puis réessayez.",
  },
  SERVER_CLOCKS: {
    title: "Le serveur du magasin n’est pas d’accord avec lui-même sur l’heure",
    meaning:
      "Une de ses parties juge expiré, ou pas encore valable, ce qu’une autre vient de délivrer. Rien n’a changé, et cet ordinateur est en ordre.",
    action: "Il n’y a rien à faire ici : un nouvel essai se fait tout seul. Si cela dure, prévenez la personne qui s’occupe du serveur.",
  },
  STORE_FAILED: {
    title: "Cet ordinateur ne peut pas enregistrer",
    meaning: "Son disque est plein, protégé ou abîmé. Rien de ce qui n’était pas enregistré n’a été envoyé.",
    action: "Libérez de la place, puis relancez Onetill. Utilisez un autre ordinateur d’ici là.",
  },
  KEYCHAIN_UNAVAILABLE: {
    title: "Cet ordinateur ne peut pas garder les connexions",
    meaning: "Vous pouvez travailler, mais devrez vous reconnecter à chaque démarrage. Aucun argent n’est touché.",
    action: "Déverrouillez le trousseau du système, ou prévenez votre installateur.",
  },
  NOT_NOW: {
    title: "Ce n’était pas possible à cet instant",
    meaning: "Rien ne s’est passé.",
    action: "Regardez l’écran de nouveau, il a peut-être changé.",
  },
  INTERNAL: {
    title: "Onetill a fait une erreur",
    meaning: "Ce qui a été enregistré est conservé.",
    action: "Réessayez. Si cela revient, prévenez l’assistance, avec les détails ci-dessous.",
  },
};
