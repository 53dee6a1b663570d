import type { Store, Transaction } from '@gatehouse/database'

export interface NewKnownDevice {
  readonly hash: Buffer
  readonly userId: string
  readonly sessionId: string
  readonly now: Date
  readonly expiresAt: Date
}

/** Keeps a device of a person's; of too many the oldest go. */
export async function insertKnownDevice(tx: Transaction, device: NewKnownDevice, devicesMax: number): Promise<void> {
  await tx
    .insertInto('known_device')
    .values({
      hash: device.hash,
      user_id: device.userId,
      session_id: device.sessionId,
      issued_at: device.now,
      expires_at: device.expiresAt,
    })
    .execute()
  await tx
    .deleteFrom('known_device')
    .where('user_id', '=', device.userId)
    .where(
      'hash',
      'not in',
      tx
        .selectFrom('known_device')
        .select('hash')
        .where('user_id', '=', device.userId)
        .orderBy('issued_at', 'desc')
        .orderBy('hash')
        .limit(devicesMax),
    )
    .execute()
}

/** True when this person has logged in with it, and not too long ago. The same query for names that nobody has. */
export async function isKnownDevice(
  db: Store,
  { hash, username, now }: { hash: Buffer; username: string; now: Date },
): Promise<boolean> {
  const row = await db
    .selectFrom('known_device as d')
    .innerJoin('users as u', 'u.id', 'd.user_id')
    .select('d.hash')
    .where('d.hash', '=', hash)
    .where('u.username', '=', username)
    .where('d.expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Forgets one device of a person's: its secret is being replaced. */
export async function forgetDevice(tx: Transaction, { hash, userId }: { hash: Buffer; userId: string }): Promise<void> {
  await tx.deleteFrom('known_device').where('hash', '=', hash).where('user_id', '=', userId).execute()
}

/** Forgets the device that a session was opened with. */
export async function forgetDeviceOfSession(tx: Transaction, sessionId: string): Promise<void> {
  await tx.deleteFrom('known_device').where('session_id', '=', sessionId).execute()
}

/** Forgets a person's devices, all, or all but the one of a session. */
export async function forgetDevicesOf(
  tx: Transaction,
  { userId, exceptSession }: { userId: string; exceptSession: string | null },
): Promise<void> {
  await tx
    .deleteFrom('known_device')
    .where('user_id', '=', userId)
    .$if(exceptSession !== null, (query) => query.where('session_id', '!=', exceptSession ?? ''))
    .execute()
}
