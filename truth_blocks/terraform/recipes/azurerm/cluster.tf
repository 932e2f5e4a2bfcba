# makes: a private Kubernetes cluster (AKS) with role-based access and no local accounts
# needs: group
# assumes: The cluster's API is reached from inside the network only; people sign in with their Entra identity.
# asks: Who administers the cluster?
# output: cluster_fqdn | azurerm_kubernetes_cluster.recipe_name.private_fqdn | Address of the cluster's API
resource "azurerm_kubernetes_cluster" "recipe_name" {
  name                              = var.name
  location                          = azurerm_resource_group.recipe_name.location
  resource_group_name               = azurerm_resource_group.recipe_name.name
  dns_prefix                        = var.name
  private_cluster_enabled           = true
  local_account_disabled            = true
  role_based_access_control_enabled = true

  default_node_pool {
    name           = "default"
    vm_size        = var.machine_size
    node_count     = 2
    vnet_subnet_id = var.subnet_id
  }

  node_provisioning_profile {
    mode = "Manual"
  }

  identity {
    type = "SystemAssigned"
  }

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
  }

  network_profile {
    network_plugin = "azure"
  }
}
