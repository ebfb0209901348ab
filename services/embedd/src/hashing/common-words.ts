/** Of a word that only joins others: it says nothing of what a text is about. */
export const FUNCTION_WORD_WEIGHT = 0.1;

/** Of a word that is in half of all texts, whatever they are about. */
const COMMON_WORD_WEIGHT = 0.25;

/**
 * How much a word says of its text, from 0 to 1: what inverse document frequency would say over English at large. Fixed, because an
 * embedder that learnt it from its texts would give the same text another vector tomorrow.
 */
export function wordWeight(word: string): number {
  return weights.get(word) ?? 1;
}

/** The letters behind an apostrophe too: `don't` is two words here. */
const functionWords = split(`
  a about after again ain all also am an and another any are aren as at be been before being between both but by can
  could couldn d did didn do does doesn doing don done down during each either ever every few for from had hadn has
  hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself just ll m
  many may me might mine more most much must my myself never no nor not of off on only onto or other our ours
  ourselves out over own per re s same shall she should shouldn so some such t than that the their theirs them
  themself themselves then there these they this those through to too toward towards under up upon us ve very via
  was wasn we were weren what when where which who whom whose why will with within without won would wouldn yes yet
  you your yours yourself
`);

/** Frequent words of English that no text is about (`hospital` and `truck` are as frequent, and are not here). `inflected` adds their forms. */
const commonWords = split(`
  able above across act action activity actual add address afternoon against age ago agree air allow alone along
  already although among amount answer anyone anything appear apply april area arm around arrive ask attack
  attention august available away back bad base basic bear beat beautiful beauty because become bed began begin
  begun behind believe below benefit beside best better beyond big bit black blow blue body bottom bought boy break
  bring broad broke broken brought brown build built burn busy buy call calm came capital car care carry case catch
  caught cause center century certain chair chance change character charge check child children choice choose chose
  circle city class clean clear close cold collect color colour come comfortable common company compare complete
  concern condition consider contain continue control cool copy corner correct cost count country couple course
  cover create cross cry cup current cut daily damage danger dark date day dead deal dear death december decide deep
  degree demand depend describe design detail develop die difference different difficult direct direction discover
  discuss distance divide dollar door double doubt draw drawn dream drew drink drive driven drop drove dry duty ear
  earth ease east easy eat effect eight else end enemy energy english enjoy enough enter entire equal error
  especially even event everybody everyone everything exact example except exercise exist expect experience explain
  express eye face fact fail fair fall family famous far fast fear february feel feet felt field fifty fight figure
  fill final find fine finish firm first five fix flat floor flow fly follow food foot force forget form forward
  found four free fresh friday friend front full fun future game gather gave general gentle get girl give given glad
  go goes gone good got gray great green grew ground group grow grown growth guess guide half hall hand hang happen
  happy hard head health hear heat heavy height held help high hill history hit hold hole home hope hot hour house
  however huge human hurry hurt idea imagine important improve inch include increase indeed inside instead interest
  international issue item january job join judge july jump june keep kept key kid kill kind king knew know known
  land language large last late later laugh lay lead leader learn least leave left leg length less lesson let letter
  level lie life lift light like limit line list listen little live local long look lose loss lost lot loud love low
  made main major make man manage manager map march mark marry master matter maybe mean meant measure media meet
  memory men mention message met method middle million mind minute miss model modern moment monday money month
  morning move movement movie name nation national natural nature near nearby necessary need neighbor network new
  next nice night nine none north note nothing notice november now number object observe occur october offer office
  often oil old once one open operate opportunity opposite option order ordinary original outside owner page pain
  pair paper park part particular partner party pass past path pattern pay peace people perhaps period person photo
  pick picture piece place plain plan play player please plural point poor popular position possible post power
  practice prepare present pressure pretty prevent previous price print probable probably problem process produce
  program project prove provide public pull purpose push put quarter question quick quiet quite race raise ran range
  rate rather reach read ready real realize reason receive recent record red region relate reliable remain remember
  remove repeat reply report represent require rest result return rich ride right ring rise role roll roof room root
  round row rule run safe said sat saturday save saw say scale score search seat second section see seek seem seen
  select self sell send sense sent sentence separate september serious serve service set settle seven several shape
  share sharp short shout show shown shut sick side sight sign silent similar simple simply since single sit site
  situation six size skill sky slip slow small smell social someone something sometimes soon sort sound source south
  space spanish speak special speech speed spell spend spent spoke spot spread square staff stage stand star start
  state statement station stay steady step stick still stone stood stop story straight strange stream street
  strength stretch strike string strong student study style subject success sudden suffer suggest sunday supply
  support sure surface surprise sweet system table take taken talk tall teach team tear tell ten term test text
  thank theory therefore thick thin thing think third thirty though thought thousand three threw throw thursday thus
  ticket tie time tiny today together told tomorrow tone tonight took tool top total touch town track trade treat
  trip trouble true trust truth try tuesday turn twelve twenty twice two type understand understood unit unless
  until use useful usual value various view visit voice wait walk want warm wash waste watch water wave way wear
  wednesday week weekend weight well went west while white whole wide win wish woman women wonder word work worker
  world worry worth write written wrong wrote yard yeah year yellow yesterday young
`);

const weights = new Map([
  ...commonWords.flatMap(inflected).map((word) => [word, COMMON_WORD_WEIGHT] as const),
  ...functionWords.map((word) => [word, FUNCTION_WORD_WEIGHT] as const),
]);

/** Regular endings. Some of what comes out is no word (`bigged`), which does no harm: nobody writes it. */
function inflected(word: string): string[] {
  if (word.length < 3) return [word];
  const endings = ["", "s", "es", "d", "ed", "ing", "ly"].map((ending) => word + ending);
  const stem = word.slice(0, -1);
  if (word.endsWith("e")) endings.push(`${stem}ing`);
  if (word.endsWith("y")) endings.push(`${stem}ies`, `${stem}ied`);
  if (/[^aeiouwxy]$/.test(word)) endings.push(`${word}${word.at(-1)}ing`, `${word}${word.at(-1)}ed`);
  return endings;
}

function split(words: string): string[] {
  return words.trim().split(/\s+/);
}
