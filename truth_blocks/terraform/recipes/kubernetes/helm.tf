# makes: a Helm release of one chart at one version
# assumes: The cluster is reached through a kubeconfig file; a failed installation is rolled back.
# asks: Which values of the chart should differ from its defaults?
# output: release_status | helm_release.recipe_name.status | State of the release
resource "helm_release" "recipe_name" {
  name             = var.name
  namespace        = var.namespace
  create_namespace = true
  repository       = var.chart_repository
  chart            = var.chart
  version          = var.chart_version
  atomic           = true
}
