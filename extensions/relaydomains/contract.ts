/** The public face of `relaydomains`: references and types, without behaviour. Other extensions import only this. */
export {
  type NewRelayDomain,
  type RelayDomainChange,
  type RelayDomainFilter,
  type RelayDomains,
  type RelayDomainView,
  type RelayTarget,
  relayDomains,
} from './contract/services.js';
