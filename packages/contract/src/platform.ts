import { z } from 'zod'
import { personal } from './personal.ts'
import { textOf } from './text.ts'

/** What the platform is made of. `policies/schema/platform.cedarschema` says what each is. */
export const platformTypes = ['Server', 'Taskserv', 'Cluster', 'Workflow', 'Secret'] as const
export type PlatformType = (typeof platformTypes)[number]

/** What is done to it. These are no operations of Gatehouse: the platform asks whether they are allowed. */
export const platformActions = [
  'create',
  'read',
  'update',
  'delete',
  'list',
  'deploy',
  'rollback',
  'ssh',
  'execute',
  'monitor',
  'admin',
] as const
export type PlatformAction = (typeof platformActions)[number]

/** What the platform says of its own call, and the server cannot know; beside it stands what the server knows. */
export const platformContextTypes = { force: 'Bool', justification: 'String' } as const

export const PlatformTypeName = z.enum(platformTypes).meta({ id: 'PlatformType' })

/** The platform's own id of a thing: any text that fits on a line and is shown as it is. */
export const PlatformId = textOf({
  what: "the platform's id of the thing, at most 128 characters",
  charactersMax: 128,
  fold: (text) => text.trim(),
})

const parameterForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}=/

/** One fact of a call that a second person approves with it. */
export const CallParameter = textOf({
  what: 'a name and a value such as version=1.4.2',
  charactersMax: 320,
  form: (text) => parameterForm.test(text),
})

/** A call that says more than this is not read before it is approved. */
const parametersMax = 32

const nameIn = (text: string): string => text.slice(0, text.indexOf('='))

/** What else of a call counts: each name once, whatever the order. It may name people: an entry only commits to it. */
export const CallParameters = personal(
  z
    .array(CallParameter)
    .max(parametersMax)
    .refine((texts) => new Set(texts.map(nameIn)).size === texts.length, { error: 'each name once' }),
).default([])
