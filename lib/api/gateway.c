/* Rows of gateway: networking.istio.io. See the header for the structs. */
#include "api/gateway.h"

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
	F(https_redirect, "httpsRedirect", BOOL, .doc = "Whether https redirect applies."),
	F(mode, "mode", ENUM, .enums = &istio_server_tls_settings_tl_smode_names, .doc = "Mode."),
	F(server_certificate, "serverCertificate", STRING, .doc = "Server certificate."),
	F(private_key, "privateKey", STRING, .doc = "Private key."),
	F(ca_certificates, "caCertificates", STRING, .doc = "Ca certificates."),
	F(credential_name, "credentialName", STRING, .doc = "Credential name."),
	F(subject_alt_names, "subjectAltNames", STRING, .flags = MSG_LIST, .doc = "Subject alt names."),
	F(verify_certificate_spki, "verifyCertificateSpki", STRING, .flags = MSG_LIST,
	  .doc = "Verify certificate spki."),
	F(verify_certificate_hash, "verifyCertificateHash", STRING, .flags = MSG_LIST,
	  .doc = "Verify certificate hash."),
	F(min_protocol_version, "minProtocolVersion", ENUM, .enums = &istio_server_tls_settings_tls_protocol_names,
	  .doc = "Min protocol version."),
	F(max_protocol_version, "maxProtocolVersion", ENUM, .enums = &istio_server_tls_settings_tls_protocol_names,
	  .doc = "Max protocol version."),
	F(cipher_suites, "cipherSuites", STRING, .flags = MSG_LIST, .doc = "Cipher suites."),
};
DESC(istio_server_tls_settings, "ServerTLSSettings", "Server tls settings.");
#undef T

#define T struct istio_server
static const struct msg_field istio_server_rows[] = {
	F(port, "port", MESSAGE, .desc = &istio_port_desc, .doc = "Port."),
	F(bind, "bind", STRING, .doc = "Bind."),
	F(hosts, "hosts", STRING, .flags = MSG_LIST, .doc = "Hosts."),
	F(tls, "tls", MESSAGE, .desc = &istio_server_tls_settings_desc, .doc = "Tls."),
	F(default_endpoint, "defaultEndpoint", STRING, .doc = "Default endpoint."),
	F(name, "name", STRING, .doc = "Name."),
};
DESC(istio_server, "Server", "Server.");
#undef T

#define T struct istio_gateway_spec
static const struct msg_field istio_gateway_spec_rows[] = {
	F(servers, "servers", MESSAGE, .desc = &istio_server_desc, .flags = MSG_LIST, .doc = "Servers."),
	F(selector, "selector", STR_MAP, .doc = "Selector."),
};
DESC(istio_gateway_spec, "Gateway", "Gateway.");
#undef T

#define T struct istio_gateway
static const struct msg_field istio_gateway_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_gateway_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_gateway, "Gateway", "Ports and hosts that a gateway serves.");
#undef T
