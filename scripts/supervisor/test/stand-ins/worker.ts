import { endWithStandardInput } from './end-with-standard-input.ts'

process.send?.({ type: 'ready' })
endWithStandardInput()
setInterval(() => undefined, 60_000)
