/** Words of which the errors of providers are made. Alone they tell nothing of a request, though it has them too. */
export const ordinaryWords: ReadonlySet<string> = new Set(
  `a able about above access account accounts add after again against all allowed already an and another any api are argument arguments array
  as assistant at attempt audio authentication authorization available bad balance base64 batch be because been before below between billing
  body bytes call calls can cannot capacity change characters chat check choose code completion completions connection content context
  could count credentials credit credits current currently data day default denied deployment deprecated details did dimensions do docs
  does done down due each either embed embedding embeddings empty encoding end engine enough error errors example exceed exceeded exceeds
  exhausted exist exists expected expired failed failure few field fields file first for format found free from function functions
  gateway get given go got great had has have help higher hour hourly how http https if image images in inactive incorrect input inputs
  insufficient integer internal invalid is it its json key language large later least length less limit limited limits list load loaded
  long longer low made make many max maximum may memory message messages method minimum minute minutes missing model models more most must name
  need needs new no none not nothing null number object of off on once one only or order other out output over overloaded page param
  parameter parameters parse part payload pending per permission plan please policy processed processing prompt prompts property provide provided provider pull
  pulling queue quota rate reached read reason received reduce refused remaining reply request requested requests require required requires
  resource response result retry role roles run same schema second seconds see send sent server service set shorten should size slow slots
  some something soon sorry status stop store stream string such supported supports system temperature temporarily text texts than that the their
  them then there these they this time timeout to token tokens too tool tools top try type unable unavailable unexpected unknown
  unsupported until up upgrade url usage use used user using valid value values vector vectors version visit wait was we were what when
  where which while will with within without words work wrong yes you your zero`.split(/\s+/),
);
