/** Chunks labelled by hand. Adjacent ones are of the focus's field and use some of its words, but don't bear on it. */
export interface LabelledFocus {
  focus: string;
  relevant: string[];
  adjacent: string[];
  unrelated: string[];
}

/** The thresholds in limits.ts were found on these. */
export const tuningSet: LabelledFocus[] = [
  {
    focus: "forklift operator in Chicago with OSHA 30 certification",
    relevant: [
      "Certified forklift operator, OSHA 30 card, six years of cross-dock work in a Chicago warehouse.",
      "Drives sit-down and reach forklifts on the south side of Chicago. Holds the OSHA 30 hour certification and has no accidents on record.",
      "Chicago, IL. Operated forklifts and order pickers at a food distributor; OSHA 30, CPR.",
      "Eleven years on lift trucks around Chicago O'Hare; OSHA-30 holder, stand-up and sit-down forklift licence.",
    ],
    adjacent: [
      "The Chicago branch office moved to Wacker Drive; visitors check in with the operator at the front desk.",
      "OSHA 30 is a thirty-hour outreach course on construction safety. It does not replace site training.",
      "Forklift batteries should be charged in a ventilated room, away from sparks and open flames.",
      "Forklift operator in Tampa, Florida, with first aid training and a clean driving record.",
    ],
    unrelated: [
      "Simmer the onions in butter until they are golden, then add the stock and a bay leaf.",
      "The violin concerto was first performed in Vienna in 1806 by Franz Clement.",
    ],
  },
  {
    focus: "how the payment service retries a charge after a timeout",
    relevant: [
      "When a charge times out, the payment service retries it up to four times with exponential backoff and the same idempotency key.",
      "Retry policy for payments: only timeouts and 503 answers of the card network are retried; a declined charge never is.",
      "After the last timeout the charge is parked as pending, and a reconciliation job retries it against the payment provider's ledger.",
      "A second attempt is made 200 ms after the first call to the card network has timed out, then after 400 and 800; the payment stays open meanwhile.",
    ],
    adjacent: [
      "The payment page shows the cards that a customer has saved, newest first, with their last four digits.",
      "Invoices are numbered by year and charge type; a credit note refers to the invoice it corrects.",
      "The search service is written in Rust and answers most requests within 20 ms.",
      "The session service ends a login after a timeout of fifteen minutes; the user has to sign in again.",
    ],
    unrelated: [
      "Prune apple trees in late winter, while they are dormant, and remove crossing branches first.",
      "The glacier has retreated by eleven metres a year since measurements began.",
    ],
  },
  {
    focus: "treatment of iron deficiency anemia during pregnancy",
    relevant: [
      "Pregnant women with iron deficiency anemia are treated with oral ferrous sulfate first; intravenous iron is kept for those who can't tolerate it.",
      "In pregnancy, anemia from low iron is treated until ferritin is back above 30, and for three months after.",
      "Intravenous iron in the second trimester corrects deficiency faster than tablets; treatment of anemia before delivery lowers the need for transfusion.",
      "Expectant mothers whose hemoglobin is low for want of iron take 60 mg of elemental iron a day.",
    ],
    adjacent: [
      "Morning sickness is common in early pregnancy and mostly ends by the sixteenth week.",
      "Anemia in chronic kidney disease comes from a lack of erythropoietin.",
      "Cast iron pans should be seasoned with oil before their first use.",
      "Treatment of vitamin D deficiency in children: drops once a day until the level is normal.",
    ],
    unrelated: [
      "The train to Lisbon leaves from platform nine at a quarter past seven.",
      "Each player is dealt five cards, and the youngest begins.",
    ],
  },
  {
    focus: "rotate database credentials without downtime",
    relevant: [
      "To rotate the database credentials without downtime, create a second user, deploy the new password, then drop the old user once no connection uses it.",
      "Credential rotation: the database accepts both the old and the new password for one hour, so that no connection is refused while services restart.",
      "The vault rotates database passwords nightly. Pools reconnect with fresh credentials one by one, so there is no outage.",
      "Swap the secret in two steps, so that clients of the database never see a login refused while the key is exchanged.",
    ],
    adjacent: [
      "The database is backed up every night at two; a restore of the full copy takes forty minutes.",
      "Log files are rotated daily and kept for two weeks.",
      "Users who forgot their password ask for a reset link, which is valid for ten minutes.",
      "Schema migrations run without downtime: add the column, backfill the database in batches, then switch the reads.",
    ],
    unrelated: [
      "The kestrel hovers over open fields and feeds on voles.",
      "Knead the dough for ten minutes and let it rise under a damp cloth.",
    ],
  },
  {
    focus: "side effects of the shingles vaccine in older adults",
    relevant: [
      "Older adults often have a sore arm, fatigue and a mild fever for two days after the shingles vaccine.",
      "The most frequent side effects of shingles vaccination were pain at the site, muscle ache and headache; serious ones were rare in people over 70.",
      "In adults aged 50 and above, effects of the vaccine against shingles such as shivering pass within three days.",
      "Reactions among recipients over 65 after the second zoster dose: redness, tiredness, chills. None lasted for more than three days.",
    ],
    adjacent: [
      "Shingles is caused by the virus that also causes chickenpox, which stays in the nerves for decades.",
      "Roof shingles of cedar last for thirty years if moss is kept off them.",
      "The flu vaccine is made anew every year, after the strains that are expected.",
      "Side effects of the measles vaccine in infants are a rash and a fever after about a week.",
    ],
    unrelated: [
      "The committee meets on the first Tuesday of each month in the town hall.",
      "Tighten the bolts crosswise, so that the wheel sits evenly on the hub.",
    ],
  },
  {
    focus: "night shift bonus for warehouse workers",
    relevant: [
      "Warehouse workers on the night shift get a bonus of 15 percent on top of the hourly wage.",
      "Bonus for shifts at night: paid to warehouse staff who work between ten in the evening and six in the morning.",
      "A worker who swaps a day for a night shift in the warehouse keeps the shift bonus for that week.",
      "Whoever picks orders overnight is paid a premium of three dollars an hour.",
    ],
    adjacent: [
      "The warehouse has twelve loading docks; dock seven is closed for repair.",
      "Annual bonus payments of the sales team depend on the revenue of the region.",
      "Workers wear safety shoes and a vest in all marked areas.",
      "The night shift in the emergency ward is staffed by two doctors and six nurses.",
    ],
    unrelated: [
      "The comet will be seen with the naked eye in the last week of October.",
      "Basil does not like cold water; let it stand in the sun before you use it.",
    ],
  },
];

/** Nothing was tuned on these. */
export const heldOutSet: LabelledFocus[] = [
  {
    focus: "welder in Toledo who can start immediately",
    relevant: [
      "MIG and TIG welder from Toledo, Ohio, available immediately.",
      "Toledo: welded pressure vessels for nine years, can start on Monday.",
      "Structural welder, lives in Toledo, no notice period, wants to start at once.",
      "Experienced in stick and flux-core welding, northwest Ohio, ready to begin this week.",
    ],
    adjacent: [
      "The museum of art in Toledo opens at eleven on weekdays.",
      "Welders must wear a helmet with a shade of at least ten.",
      "The pump does not start when the tank is empty; check the float first.",
      "Electrician in Toledo, licensed, looks for a part-time position from next spring.",
    ],
    unrelated: [
      "The novel is set in a village by the sea between the wars.",
      "Interest on the savings account is paid at the end of each quarter.",
    ],
  },
  {
    focus: "why did the nightly backup fail because of a full disk",
    relevant: [
      "The nightly backup failed at 02:14 since the disk of the target host was full; old archives had not been removed.",
      "Backups abort when less than 5 percent of the disk is free. Last night's failure was of that kind.",
      "Post-mortem: the backup volume ran full, three nightly runs failed in a row, and no alert was sent because the disk check was muted.",
      "No space left on device: the job that copies our data at two in the morning ended with an error.",
    ],
    adjacent: [
      "Backups are encrypted with a key that is kept in the safe of the finance department.",
      "The nightly news summary is mailed to subscribers at five.",
      "A disk of the build server was replaced in March; the array was rebuilt in six hours.",
      "The nightly build failed because of a missing header file in the test folder.",
    ],
    unrelated: [
      "Otters hold hands while they sleep, so that they don't drift apart.",
      "Fold the paper along the diagonal and open it again.",
    ],
  },
  {
    focus: "landlord must return the security deposit within 30 days",
    relevant: [
      "Within 30 days of the end of the lease the landlord has to return the security deposit, or send a list of deductions.",
      "A landlord who keeps a deposit longer than thirty days without a reason owes the tenant twice the amount; the security deposit bears interest.",
      "Tenants may sue for return of their security deposits in small claims court once the landlord's 30 days are over.",
      "Your owner withheld the bond after you moved out? He had one month to give it back or to tell you why not.",
    ],
    adjacent: [
      "The landlord has to keep the stairs lit and free of snow.",
      "Deposits of more than 10,000 in cash have to be declared to the bank's security department.",
      "Books must be returned to the library within four weeks.",
      "The tenant must give the landlord notice within 30 days of a change of the number of occupants.",
    ],
    unrelated: [
      "The recipe wants two cups of flour, a pinch of salt and an egg.",
      "Bats find their way by the echo of their own calls.",
    ],
  },
  {
    focus: "compaction of the write-ahead log in the storage engine",
    relevant: [
      "The storage engine compacts its write-ahead log once it is over 64 MiB: live records are written to a snapshot, then the log is cut.",
      "Log compaction runs in the background; writes go on, and the engine switches to the new log with one rename.",
      "If the process dies during compaction, the old write-ahead log is still whole and is replayed by the storage engine at the next start.",
      "Segments of the journal that hold only overwritten keys are merged and dropped, so that replay stays short.",
    ],
    adjacent: [
      "Storage is billed by the gigabyte and month; the first ten are free.",
      "Soil compaction under heavy machines lowers the yield for years.",
      "The engine of the compressor has to be oiled before it is put in storage.",
      "The storage engine checks every page against its checksum when it is read from disk.",
    ],
    unrelated: [
      "She was elected mayor in 1998 and held the office for twelve years.",
      "The tasting menu has seven courses and changes with the season.",
    ],
  },
  {
    focus: "allergic reaction to penicillin in children",
    relevant: [
      "Children with a history of an allergic reaction to penicillin are tested on the skin before an antibiotic of that kind is given.",
      "Hives within an hour of the first dose suggest that the child is allergic to penicillin; a mild rash after days mostly does not.",
      "Nine of ten children who are said to have a penicillin allergy show no reaction when they are challenged under supervision.",
      "A toddler who swelled up after amoxicillin should see an allergist before the next course of antibiotics of the penicillin family.",
    ],
    adjacent: [
      "Penicillin was discovered by Fleming in 1928 in a dish that mould had spoilt.",
      "Children learn to swim best between the ages of five and seven.",
      "The reaction is exothermic, so the vessel has to be cooled from the outside.",
      "Allergic reaction to peanuts in adults: carry an adrenaline pen at all times.",
    ],
    unrelated: [
      "The bridge is closed to lorries of more than twelve tonnes.",
      "Turn left behind the mill and follow the path along the river.",
    ],
  },
  {
    focus: "registered nurse in Denver with intensive care experience",
    relevant: [
      "Registered nurse, Denver. Eight years in intensive care, CCRN, night and weekend shifts.",
      "RN with experience in the intensive care unit of a Denver trauma center.",
      "Nurse in Denver, CO: registered since 2015, cardiac intensive care and step-down experience.",
      "ICU RN, Colorado front range, ventilators and hemodynamic monitoring, ten years at the bedside.",
    ],
    adjacent: [
      "Denver lies a mile above the sea, so water boils at a lower temperature there.",
      "Registered letters have to be signed for at the door or fetched from the post office.",
      "Care of leather seats: clean with a damp cloth, then apply a thin coat of cream.",
      "Registered nurse in Portland with experience in home care and wound dressing.",
    ],
    unrelated: [
      "The orchestra tunes to the oboe, since its pitch is steady.",
      "Cut the boards to length and sand the edges before you glue them.",
    ],
  },
];
