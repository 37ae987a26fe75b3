"""Small spaces that together use every construct; the laws are tested on each."""

SPACES = {
    "uniform": "x ~ uniform(-5, 5)\n",
    "log": "x ~ loguniform(1e-6, 1e-1)\n",
    "normals": "x ~ normal(1, 2)\ny ~ normal(0, 1) in -1 .. 3\nz ~ normal(0, 1) in 6 .. 9\nw ~ normal(0, 1) in .. -2\n",
    "lognormals": "x ~ lognormal(2, 1.5)\ny ~ lognormal(2, 1.5) in 0.25 .. 8\nz ~ lognormal(1e-4, 10) in 1e-6 .. 1\n",
    "betas": "x ~ beta(2, 5)\ny ~ beta(0.5, 0.5)\nz ~ beta(1, 10) in 0.1 .. 0.9\n",
    "integers": "a ~ int uniform(1, 3)\nb ~ int loguniform(1, 64)\nc ~ int normal(5, 2)\nd ~ int normal(5, 2) in 0 .. 10\n"
    "e ~ int lognormal(20, 2)\nf ~ int uniform(1, 10) in 2 .. 5\ng ~ int uniform(4, 4)\n",
    "steps": "a ~ uniform(0, 1) step 0.1\nb ~ int uniform(1, 9) step 2\nc ~ loguniform(0.1, 1) step 0.15\n"
    "d ~ normal(0, 1) in -2 .. 2 step 0.5\n",
    "listed": "a ~ ordinal(1, 2, 5, 10)\nb ~ pow2(4, 256)\nc ~ choice(x, y: 3, z: 0)\nd ~ bool(0.3)\ne ~ choice(3, 1.5: 2, 7)\n"
    "f ~ ordinal(small, medium, large)\ng ~ choice(true, none, 2, word)\n",
    "mixed": "a ~ choice(0, loguniform(1e-6, 10))\nb ~ choice(-1, 0: 2, int loguniform(1, 64))\n"
    "c ~ choice(none, uniform(0, 1): 3)\nd ~ choice(auto, scale, uniform(1, 2), uniform(1.5, 4))\ne ~ choice(2: 1, int uniform(0, 4): 3)\n",
    "dependent": "n ~ int uniform(1, 8)\nm ~ int uniform(n, 2 * n + 1)\nx ~ uniform(0, n)\ny ~ normal(n, n / 2)\n"
    "p ~ uniform(0.1, 0.9)\nb ~ bool(p)\nc ~ choice(u: p, v: 1 - p)\nz ~ lognormal(n, 1 + p)\nq ~ pow2(1, 2 ** n)\n",
    "derived": "x ~ uniform(0, 4)\nk ~ int uniform(1, 3)\ny = 2 * x + k\nbig = y > 5\nsize = k * 2\n"
    'kind = "hot" if x > 2 else "cold"\nrequire kind == "hot" or k > 1\n',
    "union": "optim ~ choice {\n  sgd: 2 { lr ~ loguniform(1e-3, 1); momentum ~ uniform(0, 1) when lr > 0.03 }\n"
    "  adam { lr ~ loguniform(1e-5, 1e-2); beta ~ uniform(0.8, 0.999) }\n  none_at_all\n}\n"
    "fast = optim.lr > 0.005\nwarm ~ bool() when optim == adam\n",
    "when": "model ~ choice(linear, tree)\nwhen model == tree {\n  depth ~ int uniform(1, 12)\n  leaf ~ int loguniform(1, 50)\n"
    "} else {\n  ridge ~ loguniform(1e-6, 1)\n  depth ~ int uniform(1, 2)\n}\nsplit ~ uniform(0, 1) when depth > 6\n",
    "require": "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ int uniform(1, 6)\nd ~ int uniform(1, 6)\ne ~ uniform(0, 1)\n"
    'require a + b <= 1 : "no more than one"\nforbid c == d\n',
    "tight": "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire abs(a - b) < 0.01\n",
    "guarded": "kind ~ choice(x, y)\nu ~ uniform(0, 1) when kind == x\nv ~ uniform(0, 1)\n"
    "require u < v\nwhen kind == y { require v > 0.5 }\n",
    "undefined": "x ~ uniform(-1, 1)\ny = log(x)\n",
    "quoted": "`svm:gamma` ~ uniform(0, 1)\n`a b` ~ choice(`k-nn`, `x y`)\nrequire `svm:gamma` < 0.9 or `a b` == `x y`\n",
}
