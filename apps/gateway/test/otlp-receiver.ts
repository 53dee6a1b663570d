import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${digits}}$`))
    .refine((id) => !/^0+$/.test(id))
const int64 = z.string().regex(/^-?\d{1,19}$/)
const Value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: int64 }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }) }),
])
const Attributes = z
  .array(z.strictObject({ key: z.string().min(1), value: Value }))
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'keys are there once')
const Span = z
  .strictObject({
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16).optional(),
    traceState: z.string().optional(),
    name: z.string().min(1),
    kind: z.int().min(1).max(5),
    startTimeUnixNano: int64,
    endTimeUnixNano: int64,
    attributes: Attributes,
    status: z.strictObject({ code: z.int().min(0).max(2).optional() }),
  })
  .refine((span) => BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), 'ends after it begins')

/** `ExportTraceServiceRequest` of OTLP 1.x, with no field that it does not have. */
const Request = z.strictObject({
  resourceSpans: z
    .array(
      z.strictObject({
        resource: z.strictObject({ attributes: Attributes }),
        scopeSpans: z.array(
          z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(Span).min(1) }),
        ),
      }),
    )
    .min(1),
})

export type ReceivedSpan = z.output<typeof Span>

/** A collector that takes OTLP by the letter: what is not right is kept as a problem and refused. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = []
  const problems: string[] = []
  const texts: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      texts.push(text)
      const right = request.method === 'POST' && request.url === '/v1/traces'
      const read = Request.safeParse(JSON.parse(text))
      if (!right || request.headers['content-type'] !== 'application/json' || !read.success) {
        problems.push(`${request.method} ${request.url} ${read.error?.message ?? ''}`)
        response.writeHead(400).end()
        return
      }
      for (const { scopeSpans } of read.data.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    problems,
    /** All that came, as it came. */
    text: () => texts.join('\n'),
    close: () => server.close(),
  }
}

/** One attribute of a span as text. */
export function attributeOf(span: ReceivedSpan | undefined, name: string): string | undefined {
  const value = span?.attributes.find(({ key }) => key === name)?.value
  return value === undefined ? undefined : String(Object.values(value)[0])
}
