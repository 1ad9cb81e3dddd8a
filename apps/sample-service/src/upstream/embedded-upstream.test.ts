import { upstreamContract } from '../../test/contracts/upstream.ts'
import { EmbeddedUpstream } from './embedded-upstream.ts'

upstreamContract('embedded', (work) => work(new EmbeddedUpstream()))
