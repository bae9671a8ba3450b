/**
 * The branch of the language family that each CLDR language belongs to, for results per group and for choosing
 * held-out locales with and without relatives. A branch is about as old as Germanic or Slavic: languages of one
 * branch share many visible words, languages of two branches of one family few.
 * Source: the classification of Glottolog; Nigerian Pidgin is put with its lexifier.
 */
const BRANCHES: Readonly<Record<string, string>> = {
  Germanic: 'af da de en fo is nl no nn sv lb frr pcm',
  Romance: 'ca es fr gl it pt rm ro sc lij vec oc ast',
  Slavic: 'be bg bs cs dsb hr hsb mk pl ru sk sl sr uk',
  Baltic: 'lt lv',
  Celtic: 'br cy ga gd',
  Greek: 'el',
  Armenian: 'hy',
  Albanian: 'sq',
  'Indo-Aryan': 'as bn doi gu hi kok mai mr ne or pa rhg sa sd si ur',
  Iranian: 'bgn ckb fa ku ps tg',
  Dravidian: 'kn ml ta te',
  Turkic: 'az ba cv kk ky tk tr tt ug uz',
  Mongolic: 'mn',
  Uralic: 'et fi hu',
  Basque: 'eu',
  Kartvelian: 'ka',
  Semitic: 'am ar he mt syr ti',
  Berber: 'kab',
  Cushitic: 'om so',
  Chadic: 'ha',
  Bantu: 'nso rw sw tn xh zu',
  'Volta–Niger': 'ig yo',
  Kwa: 'ak',
  Atlantic: 'ff wo',
  Sinitic: 'yue zh',
  'Tibeto-Burman': 'mni my',
  Tai: 'lo shn th',
  Austroasiatic: 'km sat vi',
  'Malayo-Polynesian': 'ceb fil id jv mi ms su to',
  Japonic: 'ja',
  Koreanic: 'ko',
  Iroquoian: 'chr',
  Quechuan: 'qu',
  Mayan: 'quc',
  'Eskimo–Aleut': 'kl',
};

const branchOfLanguage = new Map(
  Object.entries(BRANCHES).flatMap(([branch, languages]) =>
    languages.split(' ').map((language): [string, string] => [language, branch]),
  ),
);

export interface Locale {
  /** CLDR locale identifier, for example 'sr-Latn'. */
  readonly id: string;
  /** ISO 639 code without script or region. */
  readonly language: string;
  /** ISO 15924 code of the script the locale is written in. */
  readonly script: string;
  /** Branch of the language family, or 'Other' for a language that the table does not have. */
  readonly branch: string;
  readonly englishName: string;
  readonly nativeName: string;
}

function displayName(id: string, inLocale: string): string {
  return new Intl.DisplayNames([inLocale], { type: 'language' }).of(id) ?? id;
}

/** Describes a CLDR locale. Throws RangeError for an identifier that is not well formed. */
export function describeLocale(id: string): Locale {
  const { language, script } = new Intl.Locale(id).maximize();
  return {
    id,
    language: language ?? id,
    script: script ?? 'Zyyy',
    branch: branchOfLanguage.get(language ?? id) ?? 'Other',
    englishName: displayName(id, 'en'),
    nativeName: displayName(id, id),
  };
}
