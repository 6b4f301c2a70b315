/* Istio's codes: names, levels. */
#ifndef CTL_ANALYZE_MESSAGES_H
#define CTL_ANALYZE_MESSAGES_H

enum message_level { LEVEL_INFO_MESSAGE, LEVEL_WARNING_MESSAGE, LEVEL_ERROR_MESSAGE };

#define MESSAGES(X)                                                                                                    \
	X(IST0002, Deprecated, WARNING)                                                                                \
	X(IST0101, ReferencedResourceNotFound, ERROR)                                                                  \
	X(IST0102, NamespaceNotInjected, INFO)                                                                         \
	X(IST0103, PodMissingProxy, WARNING)                                                                           \
	X(IST0106, SchemaValidationError, ERROR)                                                                       \
	X(IST0107, MisplacedAnnotation, WARNING)                                                                       \
	X(IST0108, UnknownAnnotation, WARNING)                                                                         \
	X(IST0109, ConflictingMeshGatewayVirtualServiceHosts, ERROR)                                                   \
	X(IST0110, ConflictingSidecarWorkloadSelectors, ERROR)                                                         \
	X(IST0111, MultipleSidecarsWithoutWorkloadSelectors, ERROR)                                                    \
	X(IST0112, VirtualServiceDestinationPortSelectorRequired, ERROR)                                               \
	X(IST0116, DeploymentAssociatedToMultipleServices, WARNING)                                                    \
	X(IST0118, PortNameIsNotUnderNamingConvention, INFO)                                                           \
	X(IST0122, InvalidRegexp, WARNING)                                                                             \
	X(IST0123, NamespaceMultipleInjectionLabels, WARNING)                                                          \
	X(IST0125, InvalidAnnotation, WARNING)                                                                         \
	X(IST0126, UnknownMeshNetworksServiceRegistry, ERROR)                                                          \
	X(IST0127, NoMatchingWorkloadsFound, WARNING)                                                                  \
	X(IST0128, NoServerCertificateVerificationDestinationLevel, WARNING)                                           \
	X(IST0129, NoServerCertificateVerificationPortLevel, WARNING)                                                  \
	X(IST0130, VirtualServiceUnreachableRule, WARNING)                                                             \
	X(IST0131, VirtualServiceIneffectiveMatch, INFO)                                                               \
	X(IST0132, VirtualServiceHostNotFoundInGateway, WARNING)                                                       \
	X(IST0133, SchemaWarning, WARNING)                                                                             \
	X(IST0134, ServiceEntryAddressesRequired, WARNING)                                                             \
	X(IST0135, DeprecatedAnnotation, INFO)                                                                         \
	X(IST0137, DeploymentConflictingPorts, WARNING)                                                                \
	X(IST0138, GatewayDuplicateCertificate, WARNING)                                                               \
	X(IST0139, InvalidWebhook, ERROR)                                                                              \
	X(IST0140, IngressRouteRulesNotAffected, WARNING)                                                              \
	X(IST0144, InvalidApplicationUID, WARNING)                                                                     \
	X(IST0145, ConflictingGateways, ERROR)                                                                         \
	X(IST0146, ImageAutoWithoutInjectionWarning, WARNING)                                                          \
	X(IST0147, ImageAutoWithoutInjectionError, ERROR)                                                              \
	X(IST0148, NamespaceInjectionEnabledByDefault, INFO)                                                           \
	X(IST0149, JwtClaimBasedRoutingWithoutRequestAuthN, ERROR)                                                     \
	X(IST0150, ExternalNameServiceTypeInvalidPortName, WARNING)                                                    \
	X(IST0151, EnvoyFilterUsesRelativeOperation, WARNING)                                                          \
	X(IST0152, EnvoyFilterUsesReplaceOperationIncorrectly, ERROR)                                                  \
	X(IST0153, EnvoyFilterUsesAddOperationIncorrectly, ERROR)                                                      \
	X(IST0154, EnvoyFilterUsesRemoveOperationIncorrectly, ERROR)                                                   \
	X(IST0155, EnvoyFilterUsesRelativeOperationWithProxyVersion, WARNING)                                          \
	X(IST0157, InvalidTelemetryProvider, WARNING)                                                                  \
	X(IST0158, PodsIstioProxyImageMismatchInNamespace, WARNING)                                                    \
	X(IST0159, ConflictingTelemetryWorkloadSelectors, ERROR)                                                       \
	X(IST0160, MultipleTelemetriesWithoutWorkloadSelectors, ERROR)                                                 \
	X(IST0161, InvalidGatewayCredential, ERROR)                                                                    \
	X(IST0162, GatewayPortNotDefinedOnService, WARNING)                                                            \
	X(IST0163, InvalidExternalControlPlaneConfig, WARNING)                                                         \
	X(IST0164, ExternalControlPlaneAddressIsNotAHostname, INFO)

enum message_id {
#define X(code, name, level) code,
	MESSAGES(X)
#undef X
		MESSAGES_COUNT
};

struct message {
	const char *code, *name;
	enum message_level level;
};

/* By enum message_id. */
extern const struct message messages[MESSAGES_COUNT];

/* "Info", "Warning", "Error". */
const char *message_level_str(enum message_level l);

#endif
