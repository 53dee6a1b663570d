import { secretConformance } from '@gatehouse/testkit/secret-conformance'
import { awsUnderTest } from './aws-system.ts'
import { startNode } from './secrets-system.ts'

secretConformance('aws', { open: awsUnderTest, startNode, renews: false, oneIn: 6 })
