/** Something went wrong that the caller cannot act on: they learn the request id, the log has the cause. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly requestId: string

  constructor(requestId: string, cause: unknown) {
    super(`something went wrong; ask with request id ${requestId}`, { cause })
    this.requestId = requestId
  }
}
