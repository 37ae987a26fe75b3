"""Small spaces that together use every construct; the laws are tested on each."""

SPACES = {
    "uniform": "x ~ uniform(-5, 5)\n",
    "log": "x ~ loguniform(1e-6, 1e-1)\n",
    "normals": """
x ~ normal(1, 2)
y ~ normal(0, 1) in -1 .. 3
z ~ normal(0, 1) in 6 .. 9
w ~ normal(0, 1) in .. -2
""",
    "lognormals": """
x ~ lognormal(2, 1.5)
y ~ lognormal(2, 1.5) in 0.25 .. 8
z ~ lognormal(1e-4, 10) in 1e-6 .. 1
""",
    "betas": """
x ~ beta(2, 5)
y ~ beta(0.5, 0.5)
z ~ beta(1, 10) in 0.1 .. 0.9
""",
    "integers": """
a ~ int uniform(1, 3)
b ~ int loguniform(1, 64)
c ~ int normal(5, 2)
d ~ int normal(5, 2) in 0 .. 10
e ~ int lognormal(20, 2)
f ~ int uniform(1, 10) in 2 .. 5
g ~ int uniform(4, 4)
""",
    "steps": """
a ~ uniform(0, 1) step 0.1
b ~ int uniform(1, 9) step 2
c ~ loguniform(0.1, 1) step 0.15
d ~ normal(0, 1) in -2 .. 2 step 0.5
""",
    "listed": """
a ~ ordinal(1, 2, 5, 10)
b ~ pow2(4, 256)
c ~ choice(x, y: 3, z: 0)
d ~ bool(0.3)
e ~ choice(3, 1.5: 2, 7)
f ~ ordinal(small, medium, large)
g ~ choice(true, none, 2, word)
""",
    "mixed": """
a ~ choice(0, loguniform(1e-6, 10))
b ~ choice(-1, 0: 2, int loguniform(1, 64))
c ~ choice(none, uniform(0, 1): 3)
d ~ choice(auto, scale, uniform(1, 2), uniform(1.5, 4))
e ~ choice(2: 1, int uniform(0, 4): 3)
""",
    "dependent": """
n ~ int uniform(1, 8)
m ~ int uniform(n, 2 * n + 1)
x ~ uniform(0, n)
y ~ normal(n, n / 2)
p ~ uniform(0.1, 0.9)
b ~ bool(p)
c ~ choice(u: p, v: 1 - p)
z ~ lognormal(n, 1 + p)
q ~ pow2(1, 2 ** n)
""",
    "derived": """
x ~ uniform(0, 4)
k ~ int uniform(1, 3)
y = 2 * x + k
big = y > 5
size = k * 2
kind = "hot" if x > 2 else "cold"
require kind == "hot" or k > 1
""",
    "union": """
optim ~ choice {
  sgd: 2 { lr ~ loguniform(1e-3, 1); momentum ~ uniform(0, 1) when lr > 0.03 }
  adam { lr ~ loguniform(1e-5, 1e-2); beta ~ uniform(0.8, 0.999) }
  none_at_all
}
fast = optim.lr > 0.005
warm ~ bool() when optim == adam
""",
    "when": """
model ~ choice(linear, tree)
when model == tree {
  depth ~ int uniform(1, 12)
  leaf ~ int loguniform(1, 50)
} else {
  ridge ~ loguniform(1e-6, 1)
  depth ~ int uniform(1, 2)
}
split ~ uniform(0, 1) when depth > 6
""",
    "require": """
a ~ uniform(0, 1)
b ~ uniform(0, 1)
c ~ int uniform(1, 6)
d ~ int uniform(1, 6)
e ~ uniform(0, 1)
require a + b <= 1 : "no more than one"
forbid c == d
""",
    "tight": """
a ~ uniform(0, 1)
b ~ uniform(0, 1)
require abs(a - b) < 0.01
""",
    "guarded": """
kind ~ choice(x, y)
u ~ uniform(0, 1) when kind == x
v ~ uniform(0, 1)
require u < v
when kind == y { require v > 0.5 }
""",
    "undefined": """
x ~ uniform(-1, 1)
y = log(x)
""",
    "quoted": """
`svm:gamma` ~ uniform(0, 1)
`a b` ~ choice(`k-nn`, `x y`)
require `svm:gamma` < 0.9 or `a b` == `x y`
""",
    "arrays": """
depth ~ int uniform(0, 3)
width[depth] ~ int loguniform(16, 64)
half[depth] = width[index] / 2
v[2] ~ normal(0, 1)
tile[x, y] ~ int uniform(1, 4)
pick ~ int uniform(0, 1)
chosen = v[pick]
total = sum(width) + len(width) + tile.x * tile[y]
sparse[3] ~ uniform(0, 1) when index != 1
require depth > 0 => max(width) > 17
""",
    "groups": """
net { lr ~ loguniform(1e-4, 1); inner { x ~ uniform(0, 1) when net.lr > 0.01 } }
n ~ int uniform(1, 3)
layer[n] { act ~ choice(relu, gelu); drop ~ uniform(0, 0.5) when act == relu; sizes[index + 1] ~ int uniform(1, 9) }
first = layer[0].act
sum_of_first = sum(layer[0].sizes)
""",
    "ordered": """
n ~ int uniform(1, 4)
a[n] ~ decreasing int loguniform(1, 40)
b[3] ~ increasing uniform(0, 1)
c[n] ~ increasing normal(0, 1) in -2 ..
d[2] ~ decreasing uniform(0, 1) step 0.25
e[3] ~ increasing int uniform(1, 3)
""",
    "chosen": """
s ~ subset(a, b, c, size = 1 .. 2)
k ~ int uniform(0, 3)
t ~ subset(0 .. 2, size = k)
p ~ permutation(x, y, z)
q ~ permutation(10, 20)
starts = p[0]
twice = q[1] * 2
x ~ uniform(0, 1) when a in s
pairs[2] ~ subset(u, v)
require len(pairs[0]) > 0
""",
    "weights": """
mix[a, b, c] ~ dirichlet(4, 2, 1)
w[3] ~ dirichlet(1)
z[a, b] ~ dirichlet(0.5)
on ~ bool()
g[a, b, c] ~ dirichlet(3) when on
""",
    "correlated": """
a ~ normal(0, 1)
b ~ loguniform(1e-3, 1)
c ~ int uniform(1, 6)
d ~ ordinal(1, 2, 5)
e ~ uniform(0, b)
correlate a, b = 0.7
correlate a, c = -0.5
correlate b, d = 0.3
on ~ bool()
when on { f ~ beta(2, 3); g ~ uniform(0, 1); correlate f, g = 0.9 }
""",
    "templates": """
given n in 1 .. 8 = 2
space dense(units, act = relu) {
  size ~ int uniform(1, units)
  kind ~ choice(relu, gelu)
  scale ~ uniform(0, 1) when kind == act
}
one { use dense(4) }
two[n] { use dense(n + index, gelu) { kind ~ choice(relu, gelu, tanh) } }
require one.size <= n + 1
fidelity epochs = 1 .. 27 by 3 cost epochs * one.size
minimize loss
subject to latency <= 3
assert one.size >= 1
""",
}
