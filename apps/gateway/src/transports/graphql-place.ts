import { getOperationAST, OperationTypeNode, type DocumentNode } from 'graphql'

/** Where a document was sent. */
export interface Place {
  readonly path: 'graphql' | 'stream'
  readonly method: string
}

/**
 * What is wrong about asking for the named operation of a document here, in words; null: nothing. A mutation by an
 * address would be sent by any foreign page's picture, and kept in logs and histories (GraphQL over HTTP §6.2.1).
 */
export function misplaced(
  document: DocumentNode,
  operationName: string | null | undefined,
  place: Place,
): string | null {
  const operation = getOperationAST(document, operationName)
  if (operation === null || operation === undefined)
    return 'one operation, or operationName, the name of one of several in the document'
  if (operation.operation === OperationTypeNode.MUTATION && place.method === 'GET')
    return 'a query or a subscription; mutations are sent by POST'
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return null
  if (place.path === 'graphql') return 'a query or a mutation; subscriptions are answered at /graphql/stream'
  // GraphQL §5.2.4.1: a stream that a condition takes away is no stream
  const [first] = operation.selectionSet.selections
  const isConditional = operation.selectionSet.selections.some(({ directives = [] }) => directives.length > 0)
  return first === undefined || isConditional ? 'a subscription whose field stands without conditions' : null
}
