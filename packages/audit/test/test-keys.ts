import type { Store } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { openSubjectKeys, type SubjectKeys } from '../src/subject-keys.ts'

/** The one key under which tests seal, so that several processes of one test open what the others sealed. */
export const testSealer = sealerUnder({ id: '01980000-0000-7000-8000-000000000022', key: new Uint8Array(32).fill(22) })

/** The keys of people in a test's database. */
export const openTestKeys = (db: Store): Promise<SubjectKeys> =>
  openSubjectKeys({
    db,
    sealer: testSealer,
    random: systemRandom({ now: () => new Date() }),
    service: { id: 'gateway', name: 'gateway' },
  })
