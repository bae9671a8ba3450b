/** What people ask of their pictures, one list a language, separated by semicolons. */
const BY_LANGUAGE: Readonly<Record<string, string>> = {
  en: `photo; picture; people; a person; a man; a woman; a child; a baby; a group of friends; family portrait; selfie;
    a smiling face; a sad face; someone sleeping; two people hugging; wedding; birthday party; a crowd; an old man; hands;
    dog; a black dog running; cat; a cat on a sofa; bird; fish; horse; cow; butterfly; spider; elephant; a wild animal;
    tree; forest in autumn; flowers; a red rose; grass; mushroom; garden; mountain; snowy mountains; beach; sea; river;
    waterfall; lake at sunrise; desert; island; sky; clouds; rain; snow; storm; rainbow; sunset over the sea; night; moon;
    stars; fire; smoke; city; street at night; skyline; house; castle; church; bridge; tower; window; door; stairs;
    living room; kitchen; bedroom; bathroom; office; classroom; restaurant; shop; market; hospital; train station; airport;
    car; red car; truck; bus; train; bicycle; motorcycle; ship; sailing boat; plane; helicopter; road; map; traffic sign;
    food; breakfast; pizza; cake; bread; fruit; apple; salad; soup; a glass of wine; beer; a cup of coffee; ice cream;
    computer; phone; screenshot; keyboard; camera; television; a document; a receipt; handwriting; a page of a book;
    a chart; logo; text; a poster; drawing; painting; cartoon; statue; toy; doll; game; football; tennis; swimming; skiing;
    running; yoga; dancing; concert; guitar; piano; drum; microphone; shoes; hat; dress; glasses; watch; ring; bag; chair;
    table; lamp; bed; clock; key; knife; scissors; tool; box; bottle; umbrella; balloon; candle; gift; flag; heart; arrow;
    number; red; blue; green; yellow; black and white; blurry; something old; empty room; work; school; holiday; winter;
    summer; love; money; music; medicine; war; holiday in Italy; Christmas tree; fireworks; sports car in front of a house;
    a person riding a bicycle; a man with a beard; a woman with sunglasses; a child playing in the snow; a plate of food`,
  zh: `照片; 人; 女人; 孩子; 狗; 猫; 鸟; 花; 树; 山; 海边; 日落; 城市夜景; 汽车; 火车; 飞机; 食物; 蛋糕; 咖啡; 电脑; 手机; 书; 房子; 音乐; 雪`,
  es: `foto; una persona; niños jugando; perro; gato; pájaro; flores; árbol; montaña; playa; puesta de sol; ciudad; coche;
    tren; avión; comida; pastel; café; ordenador; libro; casa; música; nieve; fútbol; reloj`,
  de: `Foto; ein Mensch; spielende Kinder; Hund; Katze; Vogel; Blumen; Baum; Berge; Strand; Sonnenuntergang; Stadt; Auto;
    Zug; Flugzeug; Essen; Kuchen; Kaffee; Computer; Buch; Haus; Musik; Schnee; Fußball; Uhr`,
  fr: `photo; une personne; des enfants; chien; chat; oiseau; fleurs; arbre; montagne; plage; coucher de soleil; ville;
    voiture; train; avion; nourriture; gâteau; café; ordinateur; livre; maison; musique; neige; horloge`,
  ja: `写真; 人; 子供; 犬; 猫; 鳥; 花; 木; 山; 海; 夕日; 街; 車; 電車; 飛行機; 食べ物; ケーキ; コーヒー; パソコン; 本; 家; 音楽; 雪`,
  ru: `фото; человек; дети; собака; кошка; птица; цветы; дерево; горы; пляж; закат; город; машина; поезд; самолёт; еда; торт;
    кофе; компьютер; книга; дом; музыка; снег`,
  ar: `صورة; شخص; أطفال; كلب; قطة; طائر; زهور; شجرة; جبل; شاطئ; غروب الشمس; مدينة; سيارة; قطار; طائرة; طعام; كعكة; قهوة; كتاب; منزل`,
  hi: `तस्वीर; व्यक्ति; बच्चे; कुत्ता; बिल्ली; पक्षी; फूल; पेड़; पहाड़; समुद्र तट; सूर्यास्त; शहर; कार; ट्रेन; हवाई जहाज; खाना; केक; कॉफी; किताब; घर`,
  pt: `foto; uma pessoa; crianças; cachorro; gato; pássaro; flores; árvore; montanha; praia; pôr do sol; cidade; carro; trem;
    avião; comida; bolo; café; livro; casa`,
};

/**
 * Common queries in several languages: what a picture scores on them tells how readily it fits anything (a hub). Fixed:
 * a change of one changes the answers, so it must come with new coefficients.
 */
export const COMMON_QUERIES: readonly string[] = [
  ...new Set(
    Object.values(BY_LANGUAGE)
      .flatMap((list) => list.split(';'))
      .map((query) => query.replace(/\s+/g, ' ').trim()),
  ),
];
