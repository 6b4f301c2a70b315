/* The texts of the API's reference implementation: clients know them. */
#include "pki/jwt.h"

static const char *const texts[JWT_STATUS_COUNT] = {
	[JWT_OK] = "OK",
	[JWT_MISSING] = "Jwt is missing",
	[JWT_FORM] = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
	[JWT_TOO_LONG] = "Jwt is too long",
	[JWT_HEADER_BASE64] = "Jwt header is an invalid Base64url encoded",
	[JWT_HEADER_JSON] = "Jwt header is an invalid JSON",
	[JWT_HEADER_ALG] = "Jwt header [alg] field is required and must be a string",
	[JWT_ALG_UNKNOWN] = "Jwt header [alg] is not supported",
	[JWT_HEADER_KID] = "Jwt header [kid] field is not a string",
	[JWT_HEADER_CRIT] = "Jwt header [crit] is not supported",
	[JWT_PAYLOAD_BASE64] = "Jwt payload is an invalid Base64url encoded",
	[JWT_PAYLOAD_JSON] = "Jwt payload is an invalid JSON",
	[JWT_PAYLOAD_ISS] = "Jwt payload [iss] field is not a string",
	[JWT_PAYLOAD_SUB] = "Jwt payload [sub] field is not a string",
	[JWT_PAYLOAD_IAT] = "Jwt payload [iat] field is not a positive integer",
	[JWT_PAYLOAD_NBF] = "Jwt payload [nbf] field is not a positive integer",
	[JWT_PAYLOAD_EXP] = "Jwt payload [exp] field is not a positive integer",
	[JWT_SIGNATURE_BASE64] = "Jwt signature is an invalid Base64url encoded",
	[JWT_UNKNOWN_ISSUER] = "Jwt issuer is not configured",
	[JWT_NOT_YET_VALID] = "Jwt not yet valid",
	[JWT_EXPIRED] = "Jwt is expired",
	[JWT_AUDIENCE] = "Audiences in Jwt are not allowed",
	[JWT_SUBJECT] = "Subject in Jwt is not allowed",
	[JWT_NO_EXPIRATION] = "Jwt expiration is missing",
	[JWT_LIFETIME] = "Jwt lifetime exceeds the maximum allowed",
	[JWT_NO_KEYS] = "Jwks doesn't have any valid public key",
	[JWT_NO_KEY] = "Jwks doesn't have key to match kid or alg from Jwt",
	[JWT_WRONG_SIGNATURE] = "Jwt verification fails",
	[JWT_FETCH_FAILED] = "Jwks remote fetch is failed",
};

const char *jwt_status_str(enum jwt_status s)
{
	return texts[s];
}
