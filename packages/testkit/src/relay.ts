import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server that others use too: cut, the server is away for whoever takes it. */
export interface Relay {
  readonly address: string
  cut(): Promise<void>
  /** From now on it takes calls and answers none of them. */
  hang(): void
  /** Opens it again, at the same address. */
  open(): Promise<void>
}

/** Leads to the server of an HTTP address. It ends with this process at the latest. */
export async function startRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let hangs = false
  const server = createServer((from) => {
    if (hangs) {
      sockets.add(from)
      from.on('error', () => undefined).on('close', () => sockets.delete(from))
      return
    }
    const to = connect(Number(port), hostname)
    for (const socket of [from, to]) {
      sockets.add(socket)
      // either end takes the other with it
      socket.on('error', () => undefined).on('close', () => [from, to].forEach((end) => end.destroy()))
      socket.on('close', () => sockets.delete(socket))
    }
    from.pipe(to).pipe(from)
  }).unref()
  const listen = (at: number): Promise<void> => new Promise((done) => server.listen(at, '127.0.0.1', done))
  await listen(0)
  const { port: own } = server.address() as AddressInfo // it listens
  const drop = (): void => sockets.forEach((socket) => socket.destroy())
  const cut = (): Promise<void> => {
    drop()
    return new Promise((done) => server.close(() => done()))
  }
  const hang = (): void => {
    hangs = true
    drop() // connections that are kept would go on
  }
  return { address: `http://127.0.0.1:${own}`, cut, hang, open: () => listen(own) }
}
