/**
 * Words that name nothing by themselves. A query that has only such words is dropped (§2.2); inside a longer query
 * they stay ("cup of tea"). Words that name a thing in another of these languages are left out on purpose: German
 * "hat", "man" and "war", French "son".
 *
 * Which list the recipe's authors used is not known; these are the articles, prepositions, pronouns, conjunctions and
 * auxiliary verbs of the languages that most captions on the web are written in.
 */
export const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: split(`a an the this that these those and or but nor so yet if then than as at by for from in into of off on onto
    out over to up down with without within about above across after against along among around before behind below
    beneath beside between beyond during near per since through under until upon via i me my mine we us our ours you
    your yours he him his she her hers it its they them their theirs who whom whose which what where when why how is am
    are was were be been being do does did done has have had having will would shall should can could may might must
    not no yes all any both each few more most other some such only own same too very just also here there again once
    s t d ll m re ve`),
  de: split(`der die das dem ein eine einer eines einem einen und oder aber auch nicht kein keine mit ohne von vom zu zum
    zur im am an auf aus bei beim bis durch für gegen hinter nach neben über um unter vor zwischen als wie wenn ist sind
    sein wird werden ich du er sie es wir ihr ihnen sich mein dein unser dieser diese dieses`),
  fr: split(`le la les l un une des du de d et ou mais donc ni au aux en dans sur sous avec sans pour par chez vers entre
    ce cet cette ces qui que quoi dont où je tu il elle nous vous ils elles se sa ses est sont ne pas plus très`),
  es: split(`el la los las lo un una unos unas y e o u pero de del al a en con sin por para sobre bajo entre desde hasta
    que quien cual donde cuando como yo tú él ella nosotros ellos ellas se su sus es son está están no más muy`),
  it: split(`il lo la i gli le un uno una e ed o ma di del dello della dei degli delle a al allo alla ai agli alle da dal
    in nel nella con su sul sulla per tra fra che chi cui dove come è sono non più si`),
  pt: split(`o a os as um uma uns umas e ou mas de do da dos das em no na nos nas por pelo pela para com sem sob sobre
    entre que quem onde como eu tu ele ela nós eles elas se seu sua é são não mais muito`),
  nl: split(`de het een en of maar van in op te aan bij met voor naar uit om over onder tussen door zonder als dat die
    dit deze is zijn wordt ik jij hij zij wij niet ook`),
};

/**
 * Words about the picture or its page and not about what it shows. A query of these and stop-words is dropped. The
 * recipe's notes name "image" and "png"; the rest is our reading of "generic".
 */
export const GENERIC_WORDS: readonly string[] =
  split(`image images picture pictures photo photos photograph photographs
  photography pic pics img png jpg jpeg gif svg webp pdf thumbnail thumbnails icon icons logo clipart vector vectors
  illustration illustrations graphic graphics stock royalty free download downloads wallpaper wallpapers background
  backgrounds hd 4k 3d screenshot screenshots view close closeup file files page click website www com http https html
  bild bilder foto fotos hintergrund imagen imágenes fotografía fondo fond arrière immagine immagini sfondo imagem
  imagens afbeelding afbeeldingen achtergrond`);

function split(words: string): string[] {
  return words.split(/\s+/).filter((word) => word !== '');
}
