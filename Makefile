# Short verbs; Meson does the work. `make help` lists them.
BUILD ?= build
NINJA  = ninja -C
SETUP  = CC="$(CC)" meson setup --wipe
SAN    = -Db_sanitize=address,undefined -Db_lundef=false
DEMO_DIR ?= furrow-demo
LISTEN ?= 127.0.0.1:8080

.DEFAULT_GOAL := all
.PHONY: all help deps dev demo test prove asan tsan clang cover fuzz bench browser check release clean

all: $(BUILD)/build.ninja ## build build/furrow
	@$(NINJA) $(BUILD) furrow
help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12
deps: ## install Debian packages and npm packages (the only step that uses the network)
	@tools/deps
dev: all ## rebuild and serve with templates and assets from disk
	$(BUILD)/furrow serve --dev --data furrow-data --listen $(LISTEN)
demo: ## install, build, fill a demo company and serve it
	@tools/deps build
	@$(MAKE) --no-print-directory all
	@$(BUILD)/furrow demo --data $(DEMO_DIR) --listen $(LISTEN) --serve
test: deps ## everything a developer runs often: minutes
	@tools/test
prove: deps ## the long one: hundreds of kills, long fuzzing, all sanitizers
	@tools/test --prove
asan tsan clang cover: ## a build folder of that kind, and its tests
	@tools/test --only $@
fuzz: ## ten minutes of libFuzzer over every parser
	@tools/fuzz 600
bench: all ## benchmarks; figures go to docs/performance.md by hand
	@tools/bench
browser: all ## Playwright in Debian's Chromium
	@tools/test --only browser
check: ## the house rules: floors, banned calls, SQL in C, layout
	@tools/check
release: ## build/release/furrow: LTO, hardened, stripped, assets inside
	@[ -f build/release/build.ninja ] || meson setup build/release --buildtype=release -Db_lto=true -Dhardening=true -Dstrip=true
	@$(NINJA) build/release furrow && strip -o build/release/furrow.stripped build/release/furrow \
	  && mv build/release/furrow.stripped build/release/furrow && ls -l build/release/furrow
clean: ## remove build folders
	rm -rf build
$(BUILD)/build.ninja:
	@meson setup $(BUILD) --buildtype=release -Db_ndebug=false > /dev/null || \
	  { tail -n 20 $(BUILD)/meson-logs/meson-log.txt; exit 1; }
