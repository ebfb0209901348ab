/** Skills, certificates and experience of one trade. */
export interface Role {
  name: string;
  /** Dollars an hour, from a newcomer's to a veteran's. */
  rate: readonly [number, number];
  skills: readonly string[];
  certifications: readonly string[];
  duties: readonly string[];
}

export const roles: readonly Role[] = [
  {
    name: "Forklift Operator",
    rate: [18, 31],
    skills: ["reach trucks", "pallet stacking", "dock loading", "RF scanning", "cycle counts", "battery changes"],
    certifications: ["OSHA 30", "Forklift Class IV", "OSHA 10", "Forklift Class I", "First Aid"],
    duties: [
      "Moved 200 pallets a shift between dock and rack in a busy cross-dock.",
      "Unloaded ocean containers and put goods away in narrow aisles.",
      "Fed a production line with raw material and took the finished goods off it.",
    ],
  },
  {
    name: "Welder",
    rate: [22, 42],
    skills: ["MIG welding", "TIG welding", "flux core", "blueprint reading", "plasma cutting", "fit-up"],
    certifications: ["AWS D1.1", "AWS D1.2", "OSHA 10", "6G Pipe", "Hot Work Permit"],
    duties: [
      "Built structural frames for a bridge contractor to a 1/16 inch tolerance.",
      "Repaired trailers and farm machines, in the shop and in the field.",
      "Ran pipe in a brewery with full-penetration sanitary joints.",
    ],
  },
  {
    name: "CNC Machinist",
    rate: [23, 44],
    skills: ["G-code", "5-axis milling", "lathe setup", "GD&T", "CMM inspection", "Mastercam"],
    certifications: ["NIMS Level II", "NIMS Level I", "OSHA 10", "Six Sigma Yellow Belt"],
    duties: [
      "Held a tenth on titanium parts for an aerospace supplier.",
      "Set up and ran four mills for short runs of medical parts.",
      "Cut cycle time of a valve body by a third with new fixtures.",
    ],
  },
  {
    name: "Electrician",
    rate: [26, 52],
    skills: ["conduit bending", "motor controls", "panel wiring", "PLC troubleshooting", "lighting retrofits"],
    certifications: ["Journeyman License", "NFPA 70E", "OSHA 30", "Arc Flash Safety"],
    duties: [
      "Wired a food plant's packaging hall from the switchgear to the last sensor.",
      "Found faults on conveyors at night so that the morning could ship.",
      "Pulled feeders and set panels in a twelve-floor office fit-out.",
    ],
  },
  {
    name: "Warehouse Associate",
    rate: [16, 25],
    skills: ["order picking", "packing", "RF scanning", "inventory counts", "label printing", "returns"],
    certifications: ["OSHA 10", "First Aid", "Hazmat Awareness"],
    duties: [
      "Picked 140 lines an hour at 99.8 percent accuracy in an online shop's hall.",
      "Packed and labelled parcels for three carriers with daily cut-offs.",
      "Sorted and restocked returns for a shoe brand.",
    ],
  },
  {
    name: "Truck Driver",
    rate: [22, 38],
    skills: ["long-haul routes", "ELD logs", "load securing", "pre-trip inspection", "city deliveries"],
    certifications: ["CDL Class A", "TWIC Card", "Hazmat Endorsement", "Tanker Endorsement"],
    duties: [
      "Drove a refrigerated trailer overnight with no late delivery in two years.",
      "Ran drayage from the rail yard to stores all over town.",
      "Hauled steel coils, chained and tarped, over mountain passes.",
    ],
  },
  {
    name: "Registered Nurse",
    rate: [34, 62],
    skills: ["patient triage", "IV therapy", "wound care", "electronic charting", "medication administration"],
    certifications: ["RN License", "BLS", "ACLS", "PALS"],
    duties: [
      "Ran nights on a 28-bed surgical ward.",
      "Triaged walk-ins in an urgent-care clinic and taught families home care.",
      "Looked after dialysis patients and kept their charts exact.",
    ],
  },
  {
    name: "HVAC Technician",
    rate: [22, 41],
    skills: ["refrigerant recovery", "boiler service", "duct fabrication", "heat pumps", "controls wiring"],
    certifications: ["EPA 608 Universal", "NATE", "OSHA 10", "R-410A Safety"],
    duties: [
      "Kept the rooftop units of a shopping mall alive through a record summer.",
      "Replaced boilers in schools during the holidays, on time each year.",
      "Balanced air in clean rooms and wrote the reports.",
    ],
  },
  {
    name: "Carpenter",
    rate: [20, 40],
    skills: ["framing", "finish trim", "concrete forms", "cabinet making", "blueprint reading", "scaffolding"],
    certifications: ["OSHA 30", "Scaffold Competent Person", "Lead-Safe RRP"],
    duties: [
      "Framed houses from slab to roof with a crew of four.",
      "Built stairs and trim in century-old brick buildings.",
      "Formed and stripped walls for a parking structure.",
    ],
  },
  {
    name: "Plumber",
    rate: [24, 48],
    skills: ["copper soldering", "PEX", "backflow testing", "drain cleaning", "gas lines", "fixture setting"],
    certifications: ["Master Plumber License", "Backflow Tester", "Medical Gas ASSE 6010", "OSHA 10"],
    duties: [
      "Roughed in and finished two hundred apartments.",
      "Answered night calls for burst mains and blocked drains.",
      "Installed medical gas in a new hospital wing.",
    ],
  },
  {
    name: "Line Cook",
    rate: [15, 26],
    skills: ["grill", "saute", "knife work", "prep planning", "allergen handling", "inventory"],
    certifications: ["ServSafe Manager", "Food Handler Card", "Allergen Training"],
    duties: [
      "Held the grill on 300-cover nights.",
      "Prepared and plated for banquets of 500.",
      "Opened a hotel kitchen at five each morning.",
    ],
  },
  {
    name: "Quality Inspector",
    rate: [19, 35],
    skills: ["calipers and gauges", "SPC charts", "first-article inspection", "root cause analysis", "ISO audits"],
    certifications: ["ASQ CQI", "Six Sigma Green Belt", "ISO 9001 Internal Auditor"],
    duties: [
      "Checked castings for a brake maker and stopped a bad batch in time.",
      "Wrote control plans for a new line of medical tubing.",
      "Measured and released aerospace parts with full paperwork.",
    ],
  },
  {
    name: "Security Guard",
    rate: [16, 27],
    skills: ["access control", "CCTV monitoring", "incident reports", "de-escalation", "patrols"],
    certifications: ["Guard Card", "CPR", "First Aid", "Armed Guard License"],
    duties: [
      "Watched a data centre's doors and cameras overnight.",
      "Kept stadium gates moving and tempers low.",
      "Patrolled a distribution park and logged each round.",
    ],
  },
  {
    name: "Administrative Assistant",
    rate: [18, 32],
    skills: ["calendar management", "spreadsheets", "travel booking", "minutes", "data entry", "invoicing"],
    certifications: ["Microsoft Office Specialist", "Notary Public", "QuickBooks User"],
    duties: [
      "Ran the calendars of three directors across four time zones.",
      "Moved a clinic's files from paper to a searchable archive.",
      "Closed the month's invoices two days early.",
    ],
  },
  {
    name: "Crane Operator",
    rate: [28, 55],
    skills: ["tower cranes", "load charts", "rigging", "hand signals", "lift planning"],
    certifications: ["NCCCO Tower", "NCCCO Mobile", "Rigger Level II", "OSHA 30"],
    duties: [
      "Set steel on a forty-floor tower without one dropped load.",
      "Moved precast panels for a highway overpass at night.",
      "Lifted turbines in a wind farm at the edge of the chart.",
    ],
  },
  {
    name: "Maintenance Mechanic",
    rate: [22, 40],
    skills: ["hydraulics", "pneumatics", "conveyor repair", "bearing replacement", "preventive maintenance"],
    certifications: ["CMRT", "OSHA 10", "Lockout Tagout", "Confined Space"],
    duties: [
      "Took a bottling line from weekly stops to one in a quarter.",
      "Rebuilt gearboxes and pumps for a paper mill.",
      "Planned the shutdown week of a bakery with 40 ovens.",
    ],
  },
];
