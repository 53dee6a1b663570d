// A key in use while processes die: encrypted under, rotated by hand and by the clock, rewrapped.
import { randomBytes } from 'node:crypto'
import type { TestHome } from '@gatehouse/testkit'
import { expect } from 'vitest'
import { rowsOf } from './database.ts'
import type { Outside } from './outside.ts'

/** As many as one call takes. */
const itemsMax = 100
/** Rewrapped in each round: enough that old and new ones are among them. */
const rewrappedAtOnce = 3

const plaintext = Buffer.from('correct horse').toString('base64')

interface Made {
  readonly items?: readonly { readonly problem: string | null; readonly ciphertext: string | null }[]
}

/** A key, and every ciphertext under it that somebody was given. */
export class UsedKey {
  readonly #home: TestHome
  readonly #admin: Outside
  readonly #id: string
  readonly #given: string[] = []

  private constructor(home: TestHome, admin: Outside, id: string) {
    this.#home = home
    this.#admin = admin
    this.#id = id
  }

  static async make(home: TestHome, admin: Outside): Promise<UsedKey> {
    const { data } = await admin.mutate('kmsKey.create', { name: `killed-${randomBytes(4).toString('hex')}` })
    return new UsedKey(home, admin, String(data['id']))
  }

  /** One round of all that is done under a key; any of it may fail, and be done none the less. */
  async use(): Promise<void> {
    await this.#give('kms.encrypt', { key: this.#id, items: [{ plaintext }] })
    await this.#admin.mutate('kmsKey.rotate', { id: this.#id })
    const items = this.#given.slice(-rewrappedAtOnce).map((ciphertext) => ({ ciphertext }))
    if (items.length > 0) await this.#give('kms.rewrap', { items })
  }

  async #give(name: 'kms.encrypt' | 'kms.rewrap', input: object): Promise<void> {
    const { status, data } = await this.#admin.mutate(name, input)
    if (status !== 200) throw new TypeError(`${name}: ${status}`)
    for (const { ciphertext } of (data as Made).items ?? []) if (ciphertext !== null) this.#given.push(ciphertext)
  }

  /** Lets its period be over; its workflow is told. */
  async comesDue(): Promise<void> {
    const { adminUrl } = this.#home.dev().database
    const older = `update kms_key_version set created_at = created_at - interval '2 days' where key_id = '${this.#id}'`
    await rowsOf(adminUrl, older)
    expect((await this.#admin.mutate('kmsKey.update', { id: this.#id, rotationDays: 1 })).status).toBe(200)
  }

  async version(): Promise<number> {
    return Number((await this.#admin.query('kmsKey.get', { id: this.#id })).data['currentVersion'])
  }

  /** Whatever was given out opens, of whichever version it is. */
  async expectAllOpen(): Promise<void> {
    expect(this.#given.length).toBeGreaterThan(0)
    for (let from = 0; from < this.#given.length; from += itemsMax) {
      const items = this.#given.slice(from, from + itemsMax).map((ciphertext) => ({ ciphertext }))
      const { data } = await this.#admin.mutate('kms.decrypt', { items })
      expect(data['items']).toEqual(items.map(() => ({ problem: null, plaintext })))
    }
  }
}
