/* Gateway: networking.istio.io. */
#ifndef API_NETWORKING_GATEWAY_H
#define API_NETWORKING_GATEWAY_H

#include "api/networking/workload.h"

enum istio_server_tls_settings_tl_smode {
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH = 0,
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE = 1,
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL = 2,
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH = 3,
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL = 4,
	ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL = 5,
};
extern const struct msg_enum istio_server_tls_settings_tl_smode_names;

enum istio_server_tls_settings_tls_protocol {
	ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLS_AUTO = 0,
	ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_0 = 1,
	ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_1 = 2,
	ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_2 = 3,
	ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_3 = 4,
};
extern const struct msg_enum istio_server_tls_settings_tls_protocol_names;

/* TLS towards clients. */
struct istio_server_tls_settings {
	bool https_redirect;
	int mode; /* enum istio_server_tls_settings_tl_smode */
	const char *server_certificate;
	const char *private_key;
	const char *ca_certificates;
	const char *credential_name;
	LIST(const char *) subject_alt_names;
	LIST(const char *) verify_certificate_spki;
	LIST(const char *) verify_certificate_hash;
	int min_protocol_version; /* enum istio_server_tls_settings_tls_protocol */
	int max_protocol_version; /* enum istio_server_tls_settings_tls_protocol */
	LIST(const char *) cipher_suites;
};

/* A port and the hosts served on it. */
struct istio_server {
	struct istio_port *port;
	const char *bind;
	LIST(const char *) hosts;
	struct istio_server_tls_settings *tls;
	const char *default_endpoint;
	const char *name;
};

/* Gateway. */
struct istio_gateway_spec {
	LIST(struct istio_server) servers;
	struct str_map selector;
};

/* Ports and hosts that a gateway serves. */
struct istio_gateway {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_gateway_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_server_tls_settings_desc;
extern const struct msg_desc istio_server_desc;
extern const struct msg_desc istio_gateway_spec_desc;
extern const struct msg_desc istio_gateway_desc;

#endif
