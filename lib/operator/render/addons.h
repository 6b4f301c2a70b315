/*
 * Add-ons beside Prometheus: Grafana, Jaeger and Kiali. What they are made of is decided in one place, addon_decide();
 * whatever is to answer in their stead on clusters that cannot have them is another way there. Pure.
 */
#ifndef OPERATOR_ADDONS_H
#define OPERATOR_ADDONS_H

#include "operator/render/render.h"

enum addon_id { ADDON_JAEGER, ADDON_GRAFANA, ADDON_KIALI, ADDON_COUNT };

enum addon_way {
	ADDON_UNWANTED,
	ADDON_WORKLOAD,   /* a Deployment of the stock image, its configuration and ways in */
	ADDON_RESOURCE,   /* an object that the add-on's own operator carries out */
	ADDON_SUBSTITUTE, /* a part of Weft's own console */
	ADDON_NOT_MADE,   /* wanted, and there is nothing to make it of: told */
};

struct addon {
	enum render_component component;
	const char *values;               /* the member of the values */
	const char *file, *resource_file; /* templates; NULL = none */
	const struct api_kind *kind;      /* of the resource; NULL = none */
	int port;                         /* of its Service, that Routes lead to */
};

extern const struct addon addons[ADDON_COUNT];

struct addon_input {
	const struct maistra_smcp_spec *spec; /* resolved */
	const struct operator_images *images;
	const struct api_kind *const *absent;
	size_t n_absent;
	bool no_stock; /* others' images are not wanted, or cannot be had: Weft's own console answers in their stead */
};

/* How an add-on is made. *ret_reason is set for ADDON_NOT_MADE alone; static. */
enum addon_way addon_decide(enum addon_id id, const struct addon_input *in, const char **ret_reason);

/* Adds the add-on's member to the values, in place of one that is there. */
void values_set_addon(cJSON *values, const struct values_input *in, enum addon_id id);
/* Beside it the values of SUBSTITUTE_FILE. embedded: who comes from this machine is let in to look, without a token. */
void values_set_substitute(cJSON *values, const struct values_input *in, enum addon_id id, bool embedded);
#define SUBSTITUTE_FILE "addons/substitute.yaml"
#define KIALI_SIGNING_KEY "kiali-signing-key" /* the Secret, as Kiali's operator calls it */

struct chosen_input {
	const struct store *store; /* the Routes that there are, and Secrets with what was chosen once */
	const char *name, *ns;     /* of the ServiceMeshControlPlane */
	const char *fresh;         /* a secret for what has none yet */
};

/* In bytes: what is good enough of what is there, and how much of a fresh one is taken. */
struct chosen_size {
	size_t least, fresh;
};

/*
 * Appends a secret of ours: what that member of the Secret holds, if it is good enough and a text; else as much as is
 * wanted of the fresh one. Whoever makes that Secret of it has the same one from then on.
 */
void chosen_once(const struct chosen_input *in, const char *name, const char *member, struct chosen_size size,
		 struct buf *out);

/* "https://host" or "http://host" of the Route, once it has a host; false: there is none. */
bool route_address(const struct store *s, const char *ns, const char *name, struct buf *out);

/* Adds to Kiali's values where browsers find Grafana and Jaeger, as far as Routes say. */
void values_set_links(cJSON *kiali, const struct values_input *in, const struct store *s);
/* Adds to Kiali's values the key that it signs sessions with, without which it does not start. */
void values_set_signing_key(cJSON *kiali, const struct chosen_input *in);

/* Adds to the values of SUBSTITUTE_FILE what logins by OpenShift's OAuth need: the client, once a Route has a host, and
 * where the console finds who it is. */
void values_set_oauth(cJSON *substitute, const struct chosen_input *in);

#endif
