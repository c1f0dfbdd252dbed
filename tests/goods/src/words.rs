//! What the goods are called in six languages.
//!
//! Invariant: every shelf has its words in every language, as many each.

/// A group of goods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelf {
    /// What one costs, in cents, from and to.
    pub(crate) price: (u32, u32),
    /// They are weighed.
    pub(crate) by_weight: bool,
    /// Tax is paid on them where food is free of it.
    pub(crate) is_taxed: bool,
    /// They are not for children.
    pub(crate) is_for_adults: bool,
    /// In what sizes they come; none where they are weighed.
    pub(crate) sizes: &'static [&'static str],
}

const fn shelf(price: (u32, u32), is_taxed: bool, sizes: &'static [&'static str]) -> Shelf {
    Shelf { price, by_weight: sizes.is_empty(), is_taxed, is_for_adults: false, sizes }
}

/// Bread, cheese, fruit, sweets, drinks, wine and beer, household, pantry.
pub(crate) const SHELVES: [Shelf; 8] = [
    shelf((120, 790), false, &["250 g", "500 g", "750 g", "1 kg"]),
    shelf((990, 3_900), false, &[]),
    shelf((149, 799), false, &[]),
    shelf((89, 690), false, &["100 g", "150 g", "200 g", "400 g"]),
    shelf((79, 490), true, &["0.3 l", "0.5 l", "0.75 l", "1 l"]),
    Shelf { is_for_adults: true, ..shelf((290, 2_900), true, &["0.33 l", "0.5 l", "0.7 l", "0.75 l"]) },
    shelf((150, 1_990), true, &["S", "M", "L", "XL"]),
    shelf((99, 890), false, &["125 g", "250 g", "375 ml", "500 g"]),
];

/// A language.
pub(crate) struct Language {
    /// With what the codes of its country begin.
    pub(crate) prefix: &'static str,
    /// Of each shelf its name, and what stands on it.
    pub(crate) shelves: [(&'static str, [&'static str; 6]); 8],
}

/// English, German, French, Spanish, Finnish, Polish.
pub(crate) const LANGUAGES: [Language; 6] = [
    Language {
        prefix: "85",
        shelves: [
            (
                "Bread",
                [
                    "Sourdough loaf",
                    "Rye crispbread",
                    "Cinnamon bun",
                    "Oat flapjack",
                    "Seeded roll",
                    "Malt loaf",
                ],
            ),
            (
                "Cheese",
                [
                    "Farmhouse cheddar",
                    "Blue Stilton",
                    "Smoked Gouda",
                    "Goat's curd",
                    "Red Leicester",
                    "Cheshire",
                ],
            ),
            (
                "Fruit and vegetables",
                [
                    "Bramley apples",
                    "Conference pears",
                    "Savoy cabbage",
                    "Broad beans",
                    "Damsons",
                    "New potatoes",
                ],
            ),
            (
                "Sweets",
                [
                    "Butterscotch fudge",
                    "Dark chocolate mint",
                    "Liquorice allsorts",
                    "Salted caramel",
                    "Rhubarb custards",
                    "Toffee",
                ],
            ),
            (
                "Drinks",
                [
                    "Ginger beer",
                    "Elderflower cordial",
                    "Cloudy lemonade",
                    "Cold brew coffee",
                    "Tonic water",
                    "Apple juice",
                ],
            ),
            (
                "Wine and beer",
                [
                    "Pale ale",
                    "Oatmeal stout",
                    "Dry cider",
                    "Sloe gin",
                    "Sparkling wine",
                    "Single malt whisky",
                ],
            ),
            (
                "Household",
                [
                    "Beeswax candle",
                    "Linen tea towel",
                    "Washing-up brush",
                    "Oven glove",
                    "Lavender soap",
                    "Rubber gloves",
                ],
            ),
            (
                "Pantry",
                [
                    "Strawberry jam",
                    "Wholegrain mustard",
                    "Porridge oats",
                    "Mint sauce",
                    "Malt vinegar",
                    "Earl Grey tea",
                ],
            ),
        ],
    },
    Language {
        prefix: "400",
        shelves: [
            (
                "Brot",
                [
                    "Roggenvollkornbrot",
                    "Kürbiskernbrötchen",
                    "Laugenbrezel",
                    "Dinkelknäckebrot",
                    "Nussschnecke",
                    "Weißbrotstange",
                ],
            ),
            (
                "Käse",
                [
                    "Bergkäse",
                    "Ziegenfrischkäse",
                    "Räucherkäse",
                    "Butterkäse",
                    "Blauschimmelkäse",
                    "Emmentalerscheiben",
                ],
            ),
            (
                "Obst und Gemüse",
                ["Zwetschgen", "Weißkohl", "Frühkartoffeln", "Stachelbeeren", "Rote Bete", "Pfälzer Möhren"],
            ),
            (
                "Süßes",
                [
                    "Vollmilchschokolade",
                    "Lebkuchenherz",
                    "Gummibärchen",
                    "Nougatpralinen",
                    "Lakritzschnecken",
                    "Marzipanbrot",
                ],
            ),
            (
                "Getränke",
                [
                    "Apfelsaftschorle",
                    "Weißweinschorle alkoholfrei",
                    "Holunderblütensirup",
                    "Mineralwasser",
                    "Kräuterlimonade",
                    "Eiskaffee",
                ],
            ),
            (
                "Wein und Bier",
                ["Grauburgunder", "Hefeweißbier", "Kellerbier", "Obstbrand", "Spätburgunder", "Glühwein"],
            ),
            (
                "Haushalt",
                [
                    "Geschirrspülbürste",
                    "Bienenwachskerze",
                    "Spültuch",
                    "Schöpflöffel",
                    "Olivenölseife",
                    "Müllbeutel",
                ],
            ),
            (
                "Vorrat",
                [
                    "Erdbeermarmelade",
                    "Sauerkirschkonfitüre",
                    "Haferflocken",
                    "Süßer Senf",
                    "Kürbiskernöl",
                    "Pfefferminztee",
                ],
            ),
        ],
    },
    Language {
        prefix: "300",
        shelves: [
            (
                "Boulangerie",
                [
                    "Pain de campagne",
                    "Croissant au beurre",
                    "Brioche tressée",
                    "Baguette à l'ancienne",
                    "Chausson aux pommes",
                    "Pain d'épices",
                ],
            ),
            (
                "Fromage",
                [
                    "Gruyère râpé",
                    "Comté affiné",
                    "Crottin de chèvre",
                    "Brie de Meaux",
                    "Bleu d'Auvergne",
                    "Reblochon",
                ],
            ),
            (
                "Fruits et légumes",
                [
                    "Pêches de vigne",
                    "Céleri-rave",
                    "Pommes Reinette",
                    "Haricots verts",
                    "Échalotes",
                    "Betteraves",
                ],
            ),
            (
                "Confiserie",
                [
                    "Crème brûlée",
                    "Pâte de fruits",
                    "Nougat blanc",
                    "Caramel au beurre salé",
                    "Truffes au chocolat",
                    "Calissons",
                ],
            ),
            (
                "Boissons",
                [
                    "Limonade à l'ancienne",
                    "Jus de pêche",
                    "Sirop de grenadine",
                    "Thé glacé",
                    "Eau gazeuse",
                    "Café frappé",
                ],
            ),
            (
                "Vins et bières",
                [
                    "Côtes du Rhône",
                    "Bière blonde",
                    "Cidre brut",
                    "Rosé de Provence",
                    "Pineau",
                    "Crémant d'Alsace",
                ],
            ),
            (
                "Maison",
                [
                    "Savon de Marseille",
                    "Bougie parfumée",
                    "Torchon à carreaux",
                    "Brosse à vaisselle",
                    "Panier à salade",
                    "Éponge végétale",
                ],
            ),
            (
                "Épicerie",
                [
                    "Confiture de fraises",
                    "Moutarde à l'ancienne",
                    "Miel de châtaignier",
                    "Lentilles vertes",
                    "Huile d'olive",
                    "Tisane à la menthe",
                ],
            ),
        ],
    },
    Language {
        prefix: "840",
        shelves: [
            (
                "Panadería",
                [
                    "Pan de pueblo",
                    "Magdalenas",
                    "Ensaimada",
                    "Barra rústica",
                    "Rosquillas de anís",
                    "Pan de centeno",
                ],
            ),
            (
                "Queso",
                [
                    "Queso manchego",
                    "Queso de Cabrales",
                    "Torta del Casar",
                    "Queso de cabra",
                    "Idiazábal ahumado",
                    "Tetilla",
                ],
            ),
            (
                "Fruta y verdura",
                [
                    "Naranjas de zumo",
                    "Piña",
                    "Plátanos de Canarias",
                    "Alcachofas",
                    "Espárragos trigueros",
                    "Pimientos del piquillo",
                ],
            ),
            (
                "Dulces",
                [
                    "Turrón de almendra",
                    "Polvorones",
                    "Chocolate a la taza",
                    "Peladillas",
                    "Membrillo",
                    "Caramelos de miel",
                ],
            ),
            (
                "Bebidas",
                [
                    "Horchata de chufa",
                    "Zumo de melocotón",
                    "Gaseosa",
                    "Agua con gas",
                    "Café con hielo",
                    "Mosto",
                ],
            ),
            (
                "Vino y cerveza",
                [
                    "Rioja crianza",
                    "Cerveza tostada",
                    "Jerez fino",
                    "Sidra natural",
                    "Albariño",
                    "Orujo de hierbas",
                ],
            ),
            (
                "Hogar",
                [
                    "Jabón de aceite",
                    "Vela de cera",
                    "Paño de cocina",
                    "Estropajo",
                    "Escoba pequeña",
                    "Cesta de mimbre",
                ],
            ),
            (
                "Despensa",
                [
                    "Mermelada de higo",
                    "Pimentón dulce",
                    "Aceite de oliva",
                    "Garbanzos",
                    "Atún en escabeche",
                    "Azafrán en hebra",
                ],
            ),
        ],
    },
    Language {
        prefix: "640",
        shelves: [
            (
                "Leipä",
                ["Ruisleipä", "Korvapuusti", "Karjalanpiirakka", "Näkkileipä", "Perunarieska", "Joululimppu"],
            ),
            (
                "Juusto",
                ["Leipäjuusto", "Kermajuusto", "Vuohenjuusto", "Savujuusto", "Sinihomejuusto", "Munajuusto"],
            ),
            (
                "Hedelmät ja vihannekset",
                ["Mansikat", "Lanttu", "Uudet perunat", "Mustaherukat", "Punajuuret", "Kotimaiset omenat"],
            ),
            (
                "Makeiset",
                [
                    "Salmiakki",
                    "Maitosuklaa",
                    "Lakritsipatukka",
                    "Vaahtokarkit",
                    "Pihlajanmarjakuulat",
                    "Piparkakut",
                ],
            ),
            (
                "Juomat",
                [
                    "Mustaherukkamehu",
                    "Kivennäisvesi",
                    "Appelsiinilimonadi",
                    "Jääkahvi",
                    "Puolukkamehu",
                    "Kotikalja",
                ],
            ),
            (
                "Viini ja olut",
                ["Vaalea olut", "Omenasiideri", "Marjaviini", "Ruisviski", "Sahti", "Lakkalikööri"],
            ),
            (
                "Koti",
                [
                    "Astianpesuharja",
                    "Mehiläisvahakynttilä",
                    "Keittiöpyyhe",
                    "Saunavihta",
                    "Mäntysaippua",
                    "Pannunalunen",
                ],
            ),
            (
                "Ruokakaappi",
                [
                    "Mansikkahillo",
                    "Hunajasinappi",
                    "Kaurahiutaleet",
                    "Hernekeitto",
                    "Rypsiöljy",
                    "Mustikkakeitto",
                ],
            ),
        ],
    },
    Language {
        prefix: "590",
        shelves: [
            (
                "Pieczywo",
                [
                    "Chleb żytni",
                    "Bułka maślana",
                    "Drożdżówka z serem",
                    "Obwarzanek",
                    "Bajgiel z makiem",
                    "Chleb na zakwasie",
                ],
            ),
            (
                "Sery",
                [
                    "Oscypek wędzony",
                    "Twaróg półtłusty",
                    "Bryndza",
                    "Ser kozi",
                    "Korycin z czarnuszką",
                    "Gołka",
                ],
            ),
            (
                "Owoce i warzywa",
                [
                    "Śliwki węgierki",
                    "Ziemniaki młode",
                    "Kapusta kiszona",
                    "Porzeczki czarne",
                    "Jabłka szara reneta",
                    "Buraki",
                ],
            ),
            (
                "Słodycze",
                [
                    "Ptasie mleczko",
                    "Krówki mleczne",
                    "Pierniki toruńskie",
                    "Sękacz",
                    "Czekolada gorzka",
                    "Śliwki w czekoladzie",
                ],
            ),
            (
                "Napoje",
                [
                    "Kompot z wiśni",
                    "Sok jabłkowy",
                    "Kwas chlebowy",
                    "Woda gazowana",
                    "Oranżada",
                    "Herbata mrożona",
                ],
            ),
            (
                "Wino i piwo",
                [
                    "Piwo jasne",
                    "Miód pitny",
                    "Cydr półwytrawny",
                    "Porter bałtycki",
                    "Śliwowica",
                    "Wino z Zielonej Góry",
                ],
            ),
            (
                "Dom",
                [
                    "Mydło szare",
                    "Świeca z wosku",
                    "Ścierka lniana",
                    "Szczotka do naczyń",
                    "Deska bukowa",
                    "Łyżka drewniana",
                ],
            ),
            (
                "Spiżarnia",
                [
                    "Dżem truskawkowy",
                    "Musztarda sarepska",
                    "Kasza gryczana",
                    "Ogórki kiszone",
                    "Olej rzepakowy",
                    "Miód lipowy",
                ],
            ),
        ],
    },
];

/// Makers are called by one of the first and one of the last.
pub(crate) const FIRST: [&str; 12] =
    ["Nord", "Sønder", "Alt", "Brae", "Lind", "Roza", "Öster", "Stein", "Val", "Sole", "Mühl", "Fon"];
/// See [`FIRST`].
pub(crate) const LAST: [&str; 12] =
    ["hof", "field", "au", "mont", "bæk", "tal", "wood", "dorf", "vik", "burgh", "sjö", "heim"];
