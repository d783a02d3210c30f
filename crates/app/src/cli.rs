//! The command line. Kept stable: scripts depend on it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const HELP: &str = "\
{before-help}{about-with-newline}
Utilisation : {usage}

{all-args}{after-help}";

/// Fait vivre un programme d’inclusion numérique : lieux, structures, comptes, couverture du territoire.
#[derive(Debug, Parser)]
#[command(
    name = "maillage",
    version,
    help_template = HELP,
    subcommand_help_heading = "Commandes",
    subcommand_value_name = "COMMANDE",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    propagate_version = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Fichier de configuration (TOML)
    #[arg(
        long,
        global = true,
        env = "MAILLAGE_CONFIG",
        value_name = "FICHIER",
        hide_env = true,
        help_heading = "Options communes"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Adresse de la base, sqlite:… ou postgres:… (ou variable MAILLAGE_DATABASE_URL)
    #[arg(long, global = true, value_name = "URL", help_heading = "Options communes")]
    pub(crate) database: Option<String>,
    /// Affiche cette aide
    #[arg(short = 'h', long = "help", global = true, action = clap::ArgAction::Help, help_heading = "Options communes")]
    help: Option<bool>,
    /// Affiche la version
    #[arg(short = 'V', long = "version", global = true, action = clap::ArgAction::Version, help_heading = "Options communes")]
    version: Option<bool>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lance une démonstration complète, sans rien configurer
    #[command(help_template = HELP)]
    Demo(Demo),
    /// Lance le site (et les tâches de fond, sauf --sans-taches)
    #[command(help_template = HELP)]
    Serve(Serve),
    /// Lance les tâches de fond seules
    #[command(help_template = HELP)]
    Worker,
    /// Met la base de données à jour
    #[command(help_template = HELP)]
    Migrate,
    /// Vérifie la configuration
    #[command(help_template = HELP)]
    CheckConfig,
    /// Vérifie le journal, en écrit des extraits
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Journal {
        #[command(subcommand)]
        command: Journal,
    },
    /// Sauvegarde toute la base dans un fichier, le même pour les deux moteurs
    #[command(help_template = HELP)]
    Backup {
        /// Fichier à écrire
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        /// N’est pas scellée par « cles.secret » : d’autres outils peuvent la lire
        #[arg(long = "en-clair")]
        in_clear: bool,
    },
    /// Restaure une sauvegarde dans une base vide, de l’un ou l’autre moteur
    #[command(help_template = HELP)]
    Restore {
        /// Fichier à lire
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
    },
    /// Complète le territoire : centres officiels, zonages
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Territoires {
        #[command(subcommand)]
        command: Territoires,
    },
    /// Mesure à quelle distance des lieux se trouvent les habitants
    #[command(help_template = HELP)]
    Coverage(Coverage),
    /// Importe et exporte les lieux
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Lieux {
        #[command(subcommand)]
        command: Lieux,
    },
    /// Traduit et explique des horaires d’ouverture
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Horaires {
        #[command(subcommand)]
        command: Horaires,
    },
    /// Rapproche candidats et postes
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Matching {
        #[command(subcommand)]
        command: Matching,
    },
    /// Répartit des postes entre les demandes
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Repartition {
        #[command(subcommand)]
        command: Repartition,
    },
    /// Reprend des candidats tenus ailleurs
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Candidats {
        #[command(subcommand)]
        command: Reprises,
    },
    /// Reprend des structures tenues ailleurs
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Structures {
        #[command(subcommand)]
        command: Reprises,
    },
    /// Vérifie un mandat d’Aidants Connect
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Mandat {
        #[command(subcommand)]
        command: Mandat,
    },
    /// Reprend une base d’Aidants Connect
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Mandats {
        #[command(subcommand)]
        command: Mandats,
    },
    /// Gère les clés qui signent les mandats et les jetons d’identité
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Cles {
        #[command(subcommand)]
        command: Cles,
    },
    /// Gère les comptes
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Comptes {
        #[command(subcommand)]
        command: Comptes,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port du site
    #[arg(long, default_value_t = 8080, value_name = "PORT", hide_default_value = true)]
    pub(crate) port: u16,
    /// Dossier des données de la démonstration
    #[arg(long, default_value = "maillage-demo", value_name = "DOSSIER", hide_default_value = true)]
    pub(crate) data: PathBuf,
    /// Quelques organisations et mandats d’Aidants Connect, au lieu de tout un pays
    #[arg(long)]
    pub(crate) petite: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Ne fait pas les tâches de fond : un « maillage worker » les fait ailleurs
    #[arg(long)]
    pub(crate) sans_taches: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Parcourt la chaîne du journal et dit si une ligne a été changée, ôtée ou ajoutée
    #[command(help_template = HELP)]
    Verify {
        /// Vérifie cet extrait du journal (.jsonl), sans base ni réseau, au lieu du journal de la base
        #[arg(long, value_name = "FICHIER")]
        extrait: Option<PathBuf>,
    },
    /// Écrit un extrait du journal, avec de quoi le vérifier ailleurs : pour une enquête
    #[command(help_template = HELP)]
    Export(ExportJournal),
}

#[derive(Debug, Args)]
pub(crate) struct ExportJournal {
    /// Fichier à écrire : .jsonl (vérifiable par « journal verify --extrait »), .csv, .xlsx ou .ods
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Genre de chose : mandat, aidant, compte, structure…
    #[arg(long, value_name = "GENRE")]
    pub(crate) sujet: Option<String>,
    /// Identifiant de la chose
    #[arg(long, value_name = "IDENTIFIANT")]
    pub(crate) id: Option<String>,
    /// Identifiant du compte qui a agi
    #[arg(long, value_name = "COMPTE")]
    pub(crate) compte: Option<uuid::Uuid>,
    /// Ce que la ligne dit, comme organisation=IDENTIFIANT ou usager=PSEUDONYME
    #[arg(long, value_name = "NOM=VALEUR")]
    pub(crate) detail: Option<String>,
    /// Premier jour (AAAA-MM-JJ)
    #[arg(long, value_name = "JOUR")]
    pub(crate) du: Option<chrono::NaiveDate>,
    /// Dernier jour (AAAA-MM-JJ)
    #[arg(long, value_name = "JOUR")]
    pub(crate) au: Option<chrono::NaiveDate>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cles {
    /// Montre chaque clé : ce qu’elle signe, depuis quand, et si elle signe encore
    #[command(help_template = HELP)]
    List,
    /// Prépare tout de suite la clé suivante : elle est publiée aussitôt, et signe deux jours plus tard
    #[command(help_template = HELP)]
    Rotate {
        /// Ce que la clé signe : jeton ou mandat
        #[arg(value_name = "USAGE", default_value = "jeton")]
        usage: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Comptes {
    /// Invite une personne : écrit le lien d’invitation
    #[command(help_template = HELP)]
    Inviter {
        /// Adresse électronique de la personne
        #[arg(value_name = "COURRIEL")]
        courriel: String,
        /// Nom de la personne (elle pourra l’écrire elle-même)
        #[arg(long, value_name = "NOM")]
        nom: Option<String>,
        /// Rôle donné
        #[arg(long, value_name = "ROLE", default_value = "administrateur_national")]
        role: String,
        /// Départements, régions ou identifiants, séparés par des virgules ; departement:84 ou region:84 si un code est les deux
        #[arg(long, value_name = "CODES", value_delimiter = ',')]
        perimetre: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Territoires {
    /// Importe un fichier (CSV ou JSON) par code INSEE
    #[command(help_template = HELP, subcommand_help_heading = "Fichiers", subcommand_value_name = "FICHIER")]
    Import {
        #[command(subcommand)]
        command: Import,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Positions officielles des communes : code INSEE, latitude, longitude
    #[command(help_template = HELP)]
    Centres {
        /// Fichier à lire
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Liste datée d’un zonage : code INSEE et, s’il y en a, classement, quartier ou score
    #[command(help_template = HELP)]
    Zonage {
        /// Genre : QPV, ZRR, FRR, MONTAGNE, ACV, PVD ou IFN
        #[arg(long, value_name = "GENRE")]
        genre: String,
        /// Premier jour où la liste s’applique (AAAA-MM-JJ)
        #[arg(long, value_name = "DATE")]
        date: String,
        /// Fichier à lire
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// Écrit dans ce fichier CSV chaque ligne réparée ou refusée
    #[arg(long, value_name = "FICHIER")]
    pub(crate) report: Option<PathBuf>,
    /// Lit et rend compte, sans rien écrire dans la base
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Rend compte en JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Coverage {
    /// Écrit le résultat en JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lieux {
    /// Importe un fichier de lieux : standard 1.0 ou 0.1, ou toute source avec une correspondance
    #[command(help_template = HELP)]
    Import(ImportLieux),
    /// Vérifie un fichier sans l’importer : nomme chaque cellule fautive
    #[command(help_template = HELP)]
    Check(CheckLieux),
    /// Écrit, montre et essaie des correspondances
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Mapping {
        #[command(subcommand)]
        command: Mapping,
    },
    /// Traduit deux fichiers data·inclusion en un fichier du standard, à importer ensuite
    #[command(help_template = HELP)]
    DataInclusion(DataInclusion),
    /// Exporte les lieux ouverts
    #[command(help_template = HELP)]
    Export(ExportLieux),
    /// Compare les fiches de tous les lieux, et dit lesquelles décrivent le même
    #[command(help_template = HELP)]
    Duplicates(DoublonsLieux),
}

#[derive(Debug, Args)]
pub(crate) struct DataInclusion {
    /// Fichier des structures (JSON : une liste, ou un objet par ligne)
    #[arg(value_name = "STRUCTURES")]
    pub(crate) structures: PathBuf,
    /// Fichier des services
    #[arg(value_name = "SERVICES")]
    pub(crate) services: PathBuf,
    /// Fichier à écrire ; sinon la sortie
    #[arg(long, value_name = "FICHIER")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DoublonsLieux {
    /// Écrit un tableau JSON : a, b, score, reasons, et decision (fusionne, automatique, a_voir, plus_tard, distincts)
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Horaires {
    /// Traduit en OSM des horaires en français : une phrase par ligne sur l’entrée, un objet JSON par ligne sur la sortie
    #[command(help_template = HELP)]
    Convert,
    /// Explique en français des horaires OSM : ceux de l’argument, sinon un par ligne sur l’entrée
    #[command(help_template = HELP)]
    Explain {
        /// Horaires OSM, entre guillemets : "Mo-Fr 09:00-12:00; PH off"
        #[arg(value_name = "HORAIRES")]
        osm: Option<String>,
    },
    /// Charge et montre les calendriers scolaires, zone par zone
    #[command(help_template = HELP, subcommand_help_heading = "Commandes", subcommand_value_name = "COMMANDE")]
    Vacances {
        #[command(subcommand)]
        command: Vacances,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Vacances {
    /// Importe un calendrier : colonnes annee, zone, periode, premier_jour, dernier_jour
    #[command(help_template = HELP)]
    Import {
        /// Fichier à lire (CSV ou JSON)
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// Écrit les calendriers chargés, dans la forme que l’import lit
    #[command(help_template = HELP)]
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Matching {
    /// Propose l’affectation qui pourvoit le plus de postes, au plus près, et la prouve
    #[command(help_template = HELP)]
    Assign(Moteur),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Repartition {
    /// Propose les postes à accorder pour servir le plus de besoin, avec une borne prouvée
    #[command(help_template = HELP)]
    Solve(Moteur),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Reprises {
    /// Importe un fichier CSV ou JSON : chaque ligne est prise, reconnue, ou refusée avec sa raison
    #[command(help_template = HELP)]
    Import {
        /// Fichier à lire (le chapitre « Reprendre des données » de l’aide dit les colonnes)
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        /// Ouvre un compte à chaque personne ajoutée, et lui envoie un courriel
        #[arg(long)]
        inviter: bool,
        #[command(flatten)]
        options: ImportOptions,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mandat {
    /// Dit si un mandat est authentique, et le montre : sans réseau et sans base
    #[command(help_template = HELP)]
    Verify {
        /// Fichier du mandat
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        /// Clés publiques du site qui a fait le mandat (JWKS) ; sans elles, rien ne dit qui l’a signé
        #[arg(long, value_name = "JWKS")]
        cles: Option<PathBuf>,
        /// Acte signé d’un transfert à une autre organisation ; plusieurs, du premier au dernier
        #[arg(long, value_name = "ACTE")]
        transfert: Vec<PathBuf>,
    },
    /// Efface les mandats et les personnes qui ont passé leur durée de conservation, comme la tâche de chaque jour
    #[command(help_template = HELP)]
    Retention {
        /// Dit ce qui serait effacé, sans rien effacer
        #[arg(long)]
        essai: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mandats {
    /// Reprend organisations, aidants, usagers, mandats et journal d’un fichier de pg_dump ; chaque ligne est prise, reconnue, ou refusée avec sa raison
    #[command(help_template = HELP)]
    Reprendre(ReprendreMandats),
    /// Importe une liste : organisations, aidants, demandes (anciennes) ou formations ; le même fichier deux fois ne change rien la deuxième fois
    #[command(help_template = HELP)]
    Importer(ImporterMandats),
}

#[derive(Debug, Args)]
pub(crate) struct ImporterMandats {
    /// Ce que le fichier contient : organisations, aidants, demandes, formations
    #[arg(value_name = "CONTENU", value_parser = ["organisations", "aidants", "demandes", "formations"], hide_possible_values = true)]
    pub(crate) genre: String,
    /// Fichier CSV ou XLSX (le chapitre « Importer des listes d’Aidants Connect » de l’aide dit les colonnes)
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Adresse du compte de l’équipe au nom duquel le fichier est importé, dans son territoire
    #[arg(long, value_name = "ADRESSE")]
    pub(crate) compte: String,
    #[command(flatten)]
    pub(crate) options: ImportOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ReprendreMandats {
    /// Fichier de « pg_dump --format=plain », tel quel ou compressé par gzip
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Fait tout, puis défait tout : dit ce qui serait repris
    #[arg(long)]
    pub(crate) essai: bool,
    /// Écrit le rapport dans ce fichier : texte, ou .json, ou .csv
    #[arg(long, value_name = "FICHIER")]
    pub(crate) rapport: Option<PathBuf>,
    /// Fichier qui contient le sel des empreintes de l’ancien service (ATTESTATION_SALT)
    #[arg(long, value_name = "FICHIER")]
    pub(crate) sel: Option<PathBuf>,
    /// Fichier qui contient le sel des usagers de l’ancien service, pour les reconnaître quand ils reviennent
    #[arg(long, value_name = "FICHIER")]
    pub(crate) sel_usagers: Option<PathBuf>,
    /// Dossier des fichiers de textes de mandats de l’ancien service, pour vérifier les empreintes
    #[arg(long, value_name = "DOSSIER")]
    pub(crate) modeles: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Moteur {
    /// Fichier JSON à lire (le chapitre « Répartir et rapprocher » de l’aide le décrit)
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Écrit le résultat en JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportLieux {
    /// Fichier à lire (CSV ou JSON)
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Correspondance (fichier TOML, ou nom d’une correspondance fournie, comme france-services)
    #[arg(long, value_name = "FICHIER")]
    pub(crate) mapping: Option<PathBuf>,
    /// Fichier CSV où écrire le rapport, une ligne par remarque
    #[arg(long, value_name = "FICHIER")]
    pub(crate) report: Option<PathBuf>,
    /// Nom de la source (déduit du fichier sinon)
    #[arg(long, value_name = "NOM")]
    pub(crate) source: Option<String>,
    /// Dit ce qui serait fait, sans rien enregistrer
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Ferme des lieux même si la livraison en fermait plus de la moitié
    #[arg(long)]
    pub(crate) force: bool,
    /// Écrit le bilan en JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckLieux {
    /// Fichier à vérifier (CSV ou JSON)
    #[arg(value_name = "FICHIER")]
    pub(crate) file: PathBuf,
    /// Correspondance (fichier TOML, ou nom d’une correspondance fournie)
    #[arg(long, value_name = "FICHIER")]
    pub(crate) mapping: Option<PathBuf>,
    /// Fichier CSV du standard où écrire les lieux corrigés
    #[arg(long, value_name = "FICHIER")]
    pub(crate) corrected: Option<PathBuf>,
    /// Écrit le résultat en JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mapping {
    /// Montre ce qu’une correspondance fait d’un fichier, champ par champ, sans rien importer
    #[command(help_template = HELP)]
    Preview {
        /// Correspondance (fichier TOML, ou nom d’une correspondance fournie)
        #[arg(value_name = "CORRESPONDANCE")]
        mapping: PathBuf,
        /// Fichier à lire (CSV ou JSON)
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        /// Nombre de lieux montrés
        #[arg(long, value_name = "NOMBRE", default_value_t = 3)]
        rows: usize,
        /// Écrit le résultat en JSON
        #[arg(long)]
        json: bool,
    },
    /// Propose une correspondance de départ, d’après les colonnes d’un fichier
    #[command(help_template = HELP)]
    Init {
        /// Fichier à lire (CSV ou JSON)
        #[arg(value_name = "FICHIER")]
        file: PathBuf,
        /// Fichier à écrire, qui ne doit pas exister (la sortie standard sinon)
        #[arg(long, value_name = "FICHIER")]
        output: Option<PathBuf>,
    },
    /// Liste les correspondances fournies
    #[command(help_template = HELP)]
    List,
    /// Écrit le texte d’une correspondance fournie, pour s’en inspirer
    #[command(help_template = HELP)]
    Show {
        /// Nom de la correspondance
        #[arg(value_name = "NOM")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ExportLieux {
    /// Format : csv (standard strict), json, geojson, data-inclusion-structures ou data-inclusion-services
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub(crate) format: String,
    /// Fichier à écrire (la sortie standard sinon)
    #[arg(long, value_name = "FICHIER")]
    pub(crate) output: Option<PathBuf>,
}
