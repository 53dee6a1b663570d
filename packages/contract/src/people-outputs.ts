import { z } from 'zod'
import { RoleName } from './outputs.ts'

/** A role, what it is for, and who has it: the first hundred by name, and how many there are. */
export const RoleFacts = z.object({ name: RoleName, description: z.string(), holders: z.array(z.string()), holderCount: z.int() }).meta({ id: 'Role' })
