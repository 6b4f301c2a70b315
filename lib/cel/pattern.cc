// Regular expressions by RE2. See pattern.h.
#include "cel/pattern.h"

#include <re2/re2.h>

#include <map>
#include <memory>
#include <string>

// What a text that is made of foreign bytes can cost: patterns kept for each thread, and the memory of one.
static const size_t kCacheMax = 256;
static const int kMaxMemBytes = 1 << 18;

static RE2 &compiled(const char *pattern)
{
	static thread_local std::map<std::string, std::unique_ptr<RE2>> cache;
	auto found = cache.find(pattern);

	if (found != cache.end())
		return *found->second;
	if (cache.size() >= kCacheMax)
		cache.clear();
	RE2::Options options;

	options.set_log_errors(false);
	options.set_max_mem(kMaxMemBytes);
	auto made = std::make_unique<RE2>(pattern, options);

	return *(cache[pattern] = std::move(made));
}

bool pattern_matches(const char *pattern, const char *text)
{
	RE2 &re = compiled(pattern);

	return !re.ok() || RE2::PartialMatch(text, re);
}

bool pattern_valid(const char *pattern)
{
	return compiled(pattern).ok();
}
