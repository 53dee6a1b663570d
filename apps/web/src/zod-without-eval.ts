import { config } from 'zod'

// Schemas ask at their making whether they may compile themselves with `eval`; the content security policy says no and
// reports the very question. This module has to be evaluated before the first schema is made.
config({ jitless: true })
