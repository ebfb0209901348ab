import { firstNames, lastNames } from "./names.ts";
import { places } from "./places.ts";
import type { Random } from "./random.ts";
import { resumeText } from "./resume.ts";
import { roles } from "./roles.ts";

/** One row. An empty string is an empty field. */
export interface Worker {
  worker_id: number;
  first_name: string;
  last_name: string;
  role: string;
  email: string;
  phone: string;
  city: string;
  state: string;
  zip: string;
  skills: string;
  certifications: string;
  years_experience: number;
  hourly_rate: string;
  reliability: string;
  availability: string;
  last_active: string;
  archetype: string;
  resume_text: string;
}

/** Fixed, so that the same seed gives the same bytes on any day. */
const NEWEST_ACTIVITY = Date.UTC(2026, 5, 30, 18, 0, 0);
const ACTIVITY_SECONDS = 540 * 24 * 60 * 60;

const availabilities = ["full-time", "full-time", "part-time", "weekends", "nights", "on-call", "unavailable"];

export function makeWorker(id: number, random: Random): Worker {
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const place = random.pick(places);
  const role = random.pick(roles);
  const skills = random.several(role.skills, random.integer(3, 5));
  const certifications = random.several(role.certifications, random.chance(0.06) ? 0 : random.integer(1, 3));
  // Two draws give a hump: more people in mid-career than at either end.
  const years = Math.floor((random.next() + random.next()) * 16);
  const reliability = 1 - random.next() ** 2 * 0.6;
  const availability = random.pick(availabilities);
  const rate = role.rate[0] + (role.rate[1] - role.rate[0]) * (0.6 * (years / 32) + 0.4 * random.next());
  return {
    worker_id: id,
    first_name: first,
    last_name: last,
    role: role.name,
    email: random.chance(0.03) ? "" : `${mailbox(first)}.${mailbox(last)}${id}@example.com`,
    phone: random.chance(0.04) ? "" : phoneNumber(place.areaCode, random),
    city: place.city,
    state: place.state,
    zip: random.pick(place.zips),
    skills: skills.join(", "),
    certifications: certifications.join(", "),
    years_experience: years,
    hourly_rate: random.chance(0.01) ? "" : rate.toFixed(2),
    reliability: reliability.toFixed(3),
    availability,
    last_active: random.chance(0.02) ? "" : activity(random),
    archetype: archetype(years, reliability, availability),
    resume_text: resumeText({ first, role, place, skills, certifications, years, availability }, random),
  };
}

/** 555-0100 to 555-0199 are set aside for fiction. */
function phoneNumber(areaCode: string, random: Random): string {
  return `(${areaCode}) 555-01${String(random.integer(0, 99)).padStart(2, "0")}`;
}

function activity(random: Random): string {
  const instant = new Date(NEWEST_ACTIVITY - random.integer(0, ACTIVITY_SECONDS) * 1000);
  return instant.toISOString().slice(0, 19).replace("T", " ");
}

function archetype(years: number, reliability: number, availability: string): string {
  if (reliability < 0.6) return "erratic";
  if (years >= 20) return "veteran";
  if (years < 3) return "newcomer";
  if (reliability > 0.97) return "anchor";
  return availability === "full-time" ? "steady" : "flexible";
}

const mailboxes = new Map<string, string>();

/** `José` is `jose` in a mail address. Names are few, so each is folded once. */
function mailbox(name: string): string {
  const known = mailboxes.get(name);
  if (known !== undefined) return known;
  const folded = name
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
  mailboxes.set(name, folded);
  return folded;
}
