import { serveVerification } from '@gatehouse/audit/verify-thread'
import { associatedDataOf, readyKey, unseal } from '@gatehouse/keys/wrap'

// A thread in which pages of the audit log are verified. Started by the audit log's verification only.
await serveVerification((key) => {
  const ready = readyKey(key)
  return { unseal: (place, sealed) => unseal(ready, associatedDataOf(place), sealed) }
})
