import { canonicalTimeZone, openHoursRule, parseOpenHours } from '@gatehouse/kit'
import { z } from 'zod'
import { UserReference } from './names.ts'
import { Cidr, Instant } from './scalars.ts'
import { textOf } from './text.ts'

const id = z.string()

export const WorkspaceTier = z.enum(['development', 'staging', 'production']).meta({ id: 'WorkspaceTier' })
export const Workspace = z
  .object({
    id,
    name: z.string(),
    environment: z.string(),
    tier: WorkspaceTier,
    timeZone: z.string(),
    teams: z.array(z.string()),
    createdAt: Instant,
  })
  .meta({ id: 'Workspace' })

/** The three stages that every Gatehouse has; what each asks for is set by `environment.update`. */
export const EnvironmentName = z.enum(['development', 'staging', 'production']).meta({ id: 'EnvironmentName' })

const timeZoneRule = {
  what: "a time zone by IANA's name, such as Europe/Helsinki or UTC",
  charactersMax: 64,
  fold: (text: string) => canonicalTimeZone(text.trim()) ?? text,
  form: (text: string) => canonicalTimeZone(text) !== null,
} as const
export const TimeZone = textOf(timeZoneRule)
/** A time zone, or nothing to go by the environment's again. */
export const TimeZoneOrNone = textOf({
  ...timeZoneRule,
  charactersMin: 0,
  fold: (text) => (text.trim() === '' ? '' : timeZoneRule.fold(text)),
  form: (text) => text === '' || timeZoneRule.form(text),
})

/** Hours of some days of the week. */
export const OpenHoursText = textOf({
  what: openHoursRule,
  charactersMax: 32,
  fold: (text) => text.trim().toLowerCase().replace(/\s+/g, ' '),
  form: (text) => parseOpenHours(text) !== null,
})

const isDate = (text: string): boolean => z.iso.date().safeParse(text).success
/** A day by the calendar there. */
export const CalendarDate = textOf({
  what: 'a date such as 2026-12-24',
  charactersMax: 10,
  fold: (text) => text.trim(),
  form: isDate,
})

/** More than two for each day of the week says nothing that fewer would not. */
const hoursMax = 14
/** The holidays of ten years. */
const holidaysMax = 200
/** Half a year of two shifts a day would be more; calendars of shifts are kept elsewhere and set from there. */
const shiftsMax = 200
/** What an organisation calls its own is given out in few ranges. */
const networksMax = 64

export const BusinessHoursInput = z.array(OpenHoursText).max(hoursMax)
export const HolidaysInput = z.array(CalendarDate).max(holidaysMax)
export const NetworksInput = z.array(Cidr).max(networksMax)
/** Who can be called, from when to when. */
export const OnCallShift = z.object({ user: UserReference, from: Instant, to: Instant }).meta({ id: 'OnCallShift' })
export const OnCallInput = z.array(OnCallShift).max(shiftsMax)

/** One stage on the way to production, and what it asks for. */
export const Environment = z
  .object({
    id: EnvironmentName,
    tier: WorkspaceTier,
    requiresMfa: z.boolean(),
    requiresApproval: z.boolean(),
    timeZone: z.string(),
    /** Networks that count as corporate; empty: every address does. */
    networks: z.array(z.string()),
    workspaces: z.int(),
    updatedAt: Instant.nullable(),
    updatedBy: z.string().nullable(),
  })
  .meta({ id: 'Environment' })

/** What policies see of a calendar at one moment, for whoever asks. */
export const CalendarNow = z
  .object({
    localTime: z.string(),
    day: z.string(),
    businessHours: z.boolean(),
    weekend: z.boolean(),
    holiday: z.boolean(),
    onCall: z.array(z.string()),
  })
  .meta({ id: 'CalendarNow' })
export const OnCall = z.object({ user: id, username: z.string(), from: Instant, to: Instant }).meta({ id: 'OnCall' })
/** When people work in a workspace. `ownTimeZone`: false where the environment's holds. */
export const Calendar = z
  .object({
    workspace: id,
    timeZone: z.string(),
    ownTimeZone: z.boolean(),
    businessHours: z.array(z.string()),
    holidays: z.array(z.string()),
    onCall: z.array(OnCall),
    now: CalendarNow,
    updatedAt: Instant.nullable(),
    updatedBy: z.string().nullable(),
  })
  .meta({ id: 'Calendar' })
