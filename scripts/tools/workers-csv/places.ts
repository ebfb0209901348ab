/** Real cities with some of their own ZIP codes: city, state and zip of a row always agree. */
export interface Place {
  city: string;
  state: string;
  areaCode: string;
  zips: readonly string[];
}

export const places: readonly Place[] = [
  place("Chicago", "IL", "312", "60601 60607 60608 60616 60622 60632 60647"),
  place("Aurora", "IL", "630", "60502 60504 60505 60506"),
  place("Joliet", "IL", "815", "60431 60432 60433 60435"),
  place("Rockford", "IL", "815", "61101 61103 61107 61109"),
  place("Boston", "MA", "617", "02108 02115 02118 02125 02128"),
  place("Worcester", "MA", "508", "01602 01604 01605 01610"),
  place("Springfield", "MA", "413", "01104 01107 01108 01109"),
  place("Agawam", "MA", "413", "01001 01030"),
  place("Providence", "RI", "401", "02903 02904 02907 02909"),
  place("Manchester", "NH", "603", "03101 03102 03103 03104"),
  place("Portland", "ME", "207", "04101 04102 04103"),
  place("Burlington", "VT", "802", "05401 05408"),
  place("Hartford", "CT", "860", "06103 06105 06106 06114"),
  place("Bridgeport", "CT", "203", "06604 06605 06606 06610"),
  place("Newark", "NJ", "973", "07102 07103 07105 07107"),
  place("Jersey City", "NJ", "201", "07302 07304 07305 07306"),
  place("Trenton", "NJ", "609", "08608 08609 08611 08618"),
  place("New York", "NY", "212", "10001 10002 10025 10029 10031"),
  place("Buffalo", "NY", "716", "14201 14206 14211 14215"),
  place("Philadelphia", "PA", "215", "19103 19120 19124 19134 19146"),
  place("Pittsburgh", "PA", "412", "15201 15206 15210 15222"),
  place("Cleveland", "OH", "216", "44102 44105 44109 44113"),
  place("Columbus", "OH", "614", "43201 43204 43207 43211"),
  place("Detroit", "MI", "313", "48201 48204 48209 48227"),
  place("Indianapolis", "IN", "317", "46201 46203 46218 46222"),
  place("Milwaukee", "WI", "414", "53204 53206 53212 53215"),
  place("Minneapolis", "MN", "612", "55403 55404 55406 55411"),
  place("St. Louis", "MO", "314", "63103 63109 63116 63118"),
  place("Kansas City", "MO", "816", "64105 64109 64124 64127"),
  place("Memphis", "TN", "901", "38103 38106 38109 38118"),
  place("Nashville", "TN", "615", "37203 37207 37210 37211"),
  place("Louisville", "KY", "502", "40202 40208 40211 40214"),
  place("Atlanta", "GA", "404", "30303 30310 30315 30318"),
  place("Charlotte", "NC", "704", "28202 28205 28208 28216"),
  place("Dallas", "TX", "214", "75201 75211 75216 75217"),
  place("Houston", "TX", "713", "77002 77020 77026 77087"),
  place("Phoenix", "AZ", "602", "85003 85009 85031 85041"),
  place("Denver", "CO", "303", "80202 80204 80216 80219"),
  place("Los Angeles", "CA", "213", "90001 90011 90021 90033"),
  place("Seattle", "WA", "206", "98101 98108 98118 98134"),
];

function place(city: string, state: string, areaCode: string, zips: string): Place {
  return { city, state, areaCode, zips: zips.split(" ") };
}
