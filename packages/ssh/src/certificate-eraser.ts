import type { Transaction } from '@gatehouse/database'
import type { Eraser } from '@gatehouse/enforcement'
import { forgetCertificateText } from './ssh-certificate.queries.ts'

/** Certificates name their holder in their own bytes. What revokes them is their number, which stays. */
export const certificateEraser = {
  erase: async (tx: Transaction, { id }) => {
    await forgetCertificateText(tx, id)
    return []
  },
} satisfies Eraser
