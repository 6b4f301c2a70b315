/* Rows of gateway: networking.istio.io. See the header for the structs. */
#include "api/networking/gateway.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_server_tls_settings_tl_smode_values[] = {
	{"PASSTHROUGH", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH},
	{"SIMPLE", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE},
	{"MUTUAL", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL},
	{"AUTO_PASSTHROUGH", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH},
	{"ISTIO_MUTUAL", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL},
	{"OPTIONAL_MUTUAL", ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL},
};
ENUM(istio_server_tls_settings_tl_smode);

static const struct msg_enum_value istio_server_tls_settings_tls_protocol_values[] = {
	{"TLS_AUTO", ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLS_AUTO},
	{"TLSV1_0", ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_0},
	{"TLSV1_1", ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_1},
	{"TLSV1_2", ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_2},
	{"TLSV1_3", ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_3},
};
ENUM(istio_server_tls_settings_tls_protocol);

#define T struct istio_server_tls_settings
static const struct msg_field istio_server_tls_settings_rows[] = {
	F(https_redirect, "httpsRedirect", BOOL, DONE,
	  .doc = "Answers plain HTTP with a 301 to HTTPS; for servers of protocol HTTP."),
	F(mode, "mode", ENUM, DONE, .enums = &istio_server_tls_settings_tl_smode_names,
	  .doc = "How TLS ends here: SIMPLE, MUTUAL with the client's certificate, or PASSTHROUGH, which leaves it to "
		 "the service."),
	F(server_certificate, "serverCertificate", STRING, DONE,
	  .doc = "File with the server's certificate, unless credentialName is given."),
	F(private_key, "privateKey", STRING, DONE, .doc = "File with the key of the server's certificate."),
	F(ca_certificates, "caCertificates", STRING, DONE,
	  .doc = "File with the authorities that clients' certificates are verified by, for MUTUAL."),
	F(credential_name, "credentialName", STRING, DONE,
	  .doc = "Secret with certificate, key and authorities, in the namespace of the gateway's pods."),
	F(subject_alt_names, "subjectAltNames", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names of which the client's certificate must have one; any when empty."),
	F(verify_certificate_spki, "verifyCertificateSpki", STRING, TOLD("is not checked; use subjectAltNames"),
	  .flags = MSG_LIST, .doc = "Hashes of public keys that are accepted."),
	F(verify_certificate_hash, "verifyCertificateHash", STRING, TOLD("is not checked; use subjectAltNames"),
	  .flags = MSG_LIST, .doc = "Hashes of certificates that are accepted."),
	F(min_protocol_version, "minProtocolVersion", ENUM, DONE,
	  .enums = &istio_server_tls_settings_tls_protocol_names,
	  .doc = "Oldest TLS version that is spoken; 1.2 by default."),
	F(max_protocol_version, "maxProtocolVersion", ENUM, DONE,
	  .enums = &istio_server_tls_settings_tls_protocol_names,
	  .doc = "Newest TLS version that is spoken; 1.3 by default."),
	F(cipher_suites, "cipherSuites", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Cipher suites of TLS 1.2 that may be chosen; the safe ones by default."),
};
DESC(istio_server_tls_settings, "ServerTLSSettings", "TLS towards clients.");
#undef T

#define T struct istio_server
static const struct msg_field istio_server_rows[] = {
	F(port, "port", MESSAGE, DONE, .desc = &istio_port_desc,
	  .doc = "Port that the gateway listens on, with its protocol."),
	F(bind, "bind", STRING, DONE, .doc = "IP address to listen on; all of the pod's by default."),
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Hosts that are served, as host or namespace/host; *.example.com and * are allowed."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_server_tls_settings_desc,
	  .doc = "How TLS ends on this port; needed for HTTPS and TLS, except for httpsRedirect."),
	F(default_endpoint, "defaultEndpoint", STRING, TOLD("is not carried out")),
	F(name, "name", STRING, MOOT("a name for people"), .doc = "Name of the server, for people; need not be given."),
};
DESC(istio_server, "Server", "A port and the hosts served on it.");
#undef T

#define T struct istio_gateway_spec
static const struct msg_field istio_gateway_spec_rows[] = {
	F(servers, "servers", MESSAGE, DONE, .desc = &istio_server_desc, .flags = MSG_LIST,
	  .doc = "Ports and hosts that the gateway serves."),
	F(selector, "selector", STR_MAP, DONE,
	  .doc = "Labels of the pods that serve these ports, in any namespace of the mesh."),
};
DESC(istio_gateway_spec, "Gateway", "The ports that some gateway pods serve.");
#undef T

#define T struct istio_gateway
static const struct msg_field istio_gateway_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_gateway_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_gateway, "Gateway", "Ports and hosts that a gateway serves.");
#undef T
