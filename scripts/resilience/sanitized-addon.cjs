// Preloaded by scripts/sanitized into every Node: vectord's addon is the one that was compiled with sanitizers.
const { registerHooks } = require("node:module");

registerHooks({
  resolve(specifier, context, next) {
    const isAddon = specifier.endsWith("/native/build/addon.node");
    return next(isAddon ? specifier.replace("build/addon", "build/sanitized/addon") : specifier, context);
  },
});
