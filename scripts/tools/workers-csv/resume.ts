import type { Place } from "./places.ts";
import type { Random } from "./random.ts";
import type { Role } from "./roles.ts";

export interface Career {
  first: string;
  role: Role;
  place: Place;
  skills: readonly string[];
  certifications: readonly string[];
  years: number;
  availability: string;
}

/** Sentences are added until the text is this long; the longest is under 100, so texts end between 450 and 550. */
const RESUME_CHARACTERS_MIN = 450;

/**
 * A few paragraphs that say what the row's fields say, so that a search by meaning can be judged by the fields.
 * Has line breaks and, in some texts, quoted words: what makes a CSV hard to read.
 */
export function resumeText(career: Career, random: Random): string {
  const { first, role, place, skills, certifications, years } = career;
  let text = `${role.name} in ${place.city}, ${place.state}${experience(years)}.\n`;
  text += `${first} is skilled in ${listed(skills)}. ${certified(certifications)}\n`;
  text += `${random.pick(role.duties)} ${available(career.availability)}`;
  // Around the ring from a random place: no remark comes twice, since a handful is always enough.
  for (let next = random.integer(0, remarks.length - 1); text.length < RESUME_CHARACTERS_MIN; next++) {
    text += ` ${remarks[next % remarks.length]}`;
  }
  return text;
}

function experience(years: number): string {
  if (years === 0) return ", new to the trade";
  return years === 1 ? " with one year of experience" : ` with ${years} years of experience`;
}

function certified(certifications: readonly string[]): string {
  return certifications.length === 0 ? "No certifications yet." : `Certified: ${listed(certifications)}.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function available(availability: string): string {
  return availability === "unavailable" ? "Not available at present." : `Available: ${availability}.`;
}

const remarks = [
  'Supervisors say "first in, last out, and never a corner cut".',
  "Has trained new hires and written the checklist that the crew still uses.",
  "Comfortable on all three shifts, and in a freezer as well as in July heat.",
  "Keeps a clean station and a clean record: no lost-time incident so far.",
  'A foreman called the work "textbook"; the next crew asked for more of it.',
  "Reads drawings, asks early when something looks wrong, and leaves notes for the next shift.",
  "Speaks English and Spanish with the crew and keeps the radio calm.",
  "Holds a clean driving licence and has reliable transport to any site nearby.",
  'Motto: "measure twice, lift once".',
  "Used to handheld scanners, paper tickets and everything in between.",
  "Previous placements ended because the contract did, and two of three asked for a return.",
  "Looks for steady hours, a fair lead and a team that talks about near misses.",
];
