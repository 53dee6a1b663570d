import type { Raw, Wire } from '@gatehouse/contract'

type Ca = Wire<'sshCa.get'>
type Host = Wire<'sshHost.get'>

export type RotationStep = NonNullable<Raw<'sshCa.rotate'>['step']>

/** What can be done next: a rotation goes forward only. */
export function stepAfter({ nextCaPublicKey, previousCaPublicKey }: Ca): RotationStep {
  if (nextCaPublicKey !== null) return 'switch'
  return previousCaPublicKey === null ? 'begin' : 'finish'
}

/** Hosts that have not said that they trust what they are to trust. */
export const behindOf = (hosts: readonly Host[]): readonly Host[] => hosts.filter(({ followsCa }) => followsCa !== true)

/** How the CA stands before each step, and what the step is. */
export const stepWords = {
  begin: {
    standing: 'One CA is in use',
    meaning: 'A rotation creates the next CA. Hosts trust it in addition to the current one before it signs.',
    act: 'Begin rotation',
    consequence: 'The next CA is created, and hosts start to trust it. The current CA continues to sign certificates.',
    done: 'The next CA is created. Hosts are learning of it.',
  },
  switch: {
    standing: 'Hosts are learning of the next CA',
    meaning: 'The current CA signs until every host trusts the next one. Gatehouse then switches automatically.',
    act: 'Switch to the next CA',
    consequence: 'New certificates are signed by the next CA. Hosts still accept those that the current CA has signed.',
    done: 'Certificates are now signed by the new CA.',
  },
  finish: {
    standing: 'The previous CA is still trusted',
    meaning: 'Its certificates work until they expire. After a day, Gatehouse removes it automatically.',
    act: 'Remove the previous CA',
    consequence:
      'Certificates that the previous CA has signed stop working now, and its private key is destroyed. ' +
      'Do this at once if the key has leaked.',
    done: 'The previous CA is removed.',
  },
} as const satisfies Record<RotationStep, object>
